"""A column of vectors, which are encrypted in the file where the process has a key."""

import sqlalchemy as sa

from service.vector_seal import vector_seal


class SealedVector(sa.TypeDecorator[bytes]):
    """Bytes of a vector: sealed as they are stored, and opened as they are read.

    Reading raises StorageForeign where the process has no key that opens them.
    """

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: sa.Dialect) -> bytes | None:
        """Return what is stored."""
        return None if value is None else vector_seal().seal(value)

    def process_result_value(self, value: bytes | None, dialect: sa.Dialect) -> bytes | None:
        """Return what was stored."""
        return None if value is None else vector_seal().open(value)
