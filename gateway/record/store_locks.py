"""A lock for each store: one writer at a time, so that events become visible in their order.

SQLite has one writer anyway. PostgreSQL gives sequence numbers out before the commit: without the
lock a reader that has seen event 8 of a store could miss its event 7, committed later.
"""

import hashlib

import sqlalchemy as sa


def lock_stores(connection: sa.Connection, *stores: str) -> None:
    """Wait until no other transaction writes for any of `stores`; hold them until the commit.

    Call it before anything else is written, once, with every store concerned.
    """
    if connection.dialect.name != "postgresql":
        return
    for store in sorted(set(stores)):
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_number(store))))


def _number(store: str) -> int:
    return int.from_bytes(hashlib.sha256(store.encode()).digest()[:8], signed=True)
