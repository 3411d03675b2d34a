"""Columns of a database that are encrypted where the process has a key.

Whatever was stored before there was one is read as it is. Reading raises StorageForeign where the
process has no key that opens what is stored.
"""

import json
from base64 import b64decode, b64encode
from typing import Any

import sqlalchemy as sa

from contract.errors import StorageForeign
from service.seal import own_seal

_MARK = "\x01"
"""What a sealed text begins with: a character that no text has that the services take."""
_PLAIN = b"\0"


class SealedVector(sa.TypeDecorator[bytes]):
    """Bytes of a vector: sealed as they are stored, and opened as they are read."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: sa.Dialect) -> bytes | None:
        """Return what is stored."""
        return None if value is None else own_seal().seal(value)

    def process_result_value(self, value: bytes | None, dialect: sa.Dialect) -> bytes | None:
        """Return what was stored."""
        return None if value is None else own_seal().open(bytes(value))


class SealedBytes(sa.TypeDecorator[bytes]):
    """Any bytes: those that are not sealed have a byte before them that says so."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: sa.Dialect) -> bytes | None:
        """Return what is stored."""
        if value is None:
            return None
        return own_seal().seal(value) if own_seal().prefix else _PLAIN + value

    def process_result_value(self, value: bytes | None, dialect: sa.Dialect) -> bytes | None:
        """Return what was stored."""
        if value is None:
            return None
        stored = bytes(value)
        return stored[1:] if stored.startswith(_PLAIN) else own_seal().unseal(stored)


class SealedText(sa.TypeDecorator[str]):
    """A text: sealed as it is stored, and opened as it is read."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """Return what is stored."""
        return None if value is None else _sealed(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """Return what was stored."""
        return None if value is None else _opened(value)


class SealedObject(sa.TypeDecorator[dict[str, Any]]):
    """An object of JSON: what is sealed of it is stored as one string of JSON."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: sa.Dialect) -> Any:
        """Return what is stored."""
        if value is None or not own_seal().prefix:
            return value
        return _sealed(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> dict[str, Any] | None:
        """Return what was stored."""
        if isinstance(value, str):
            value = json.loads(_opened(value))
        return None if value is None else dict(value)


def seal_mark() -> str:
    """Return what a text begins with that is sealed as texts are now; empty: none is."""
    prefix = own_seal().prefix
    return f"{_MARK}{prefix.hex()}:" if prefix else ""


def is_stored_otherwise(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a SealedText or SealedObject would be stored otherwise now."""
    is_object = isinstance(column.type, SealedObject)
    stored = sa.cast(sa.type_coerce(column, sa.JSON if is_object else sa.Text), sa.Text)

    def begins(mark: str) -> sa.ColumnElement[bool]:
        text = json.dumps(mark)[:-1] if is_object else mark  # as the start of a string of JSON
        return stored.startswith(text, autoescape=True)

    mark = seal_mark()
    return ~begins(mark) if mark else begins(_MARK)


def _sealed(text: str) -> str:
    mark = seal_mark()
    if not mark:
        return text
    return mark + b64encode(own_seal().seal(text.encode())[len(own_seal().prefix) :]).decode()


def _opened(stored: str) -> str:
    if not stored.startswith(_MARK):
        return stored
    name, _, sealed = stored.removeprefix(_MARK).partition(":")
    try:
        return own_seal().unseal(bytes.fromhex(name) + b64decode(sealed, validate=True)).decode()
    except ValueError as error:  # of hex, base64 and UTF-8
        raise StorageForeign("an encrypted text was changed") from error
