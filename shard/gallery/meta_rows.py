"""The one row about a gallery itself: its store, its last change, whether a folder is imported."""

from pathlib import Path

import sqlalchemy as sa

from contract.errors import StorageForeign
from shard.gallery.schema import meta


def set_owner(connection: sa.Connection, store: str, path: Path) -> None:
    """Make a new gallery that of `store`. Raises StorageForeign when it is another's."""
    if not has_owner(connection):
        connection.execute(sa.insert(meta).values(store=store, seq=0, imported=False))
    check_owner(connection, store, path)


def has_owner(connection: sa.Connection) -> bool:
    """Say whether the gallery is a store's already."""
    return connection.scalar(sa.select(meta.c.store)) is not None


def check_owner(connection: sa.Connection, store: str, path: Path) -> None:
    """Raise StorageForeign when the gallery is another store's."""
    owner = connection.scalar(sa.select(meta.c.store))
    if owner != store:
        raise StorageForeign(f"{path} is the gallery of store {owner!r}, not of {store!r}")


def is_imported(connection: sa.Connection) -> bool:
    """Say whether the store's folder was imported to its end."""
    return bool(connection.execute(sa.select(meta.c.imported)).scalar_one())


def set_imported(connection: sa.Connection, imported: bool) -> None:
    """Store whether the store's folder is imported to its end."""
    connection.execute(sa.update(meta).values(imported=imported))


def last_seq(connection: sa.Connection) -> int:
    """Return the number of the last change."""
    seq: int = connection.execute(sa.select(meta.c.seq)).scalar_one()
    return seq


def next_number(connection: sa.Connection, count: int = 1) -> int:
    """Take so many numbers for FaceIds, which no others ever had; return the last of them."""
    taken = {"last_number": meta.c.last_number + count}
    step = sa.update(meta).values(taken).returning(meta.c.last_number)
    number: int = connection.execute(step).scalar_one()
    return number


def next_seq(connection: sa.Connection, count: int = 1) -> int:
    """Take the next numbers of the store's sequence of changes, and return the last of them."""
    step = sa.update(meta).values(seq=meta.c.seq + count).returning(meta.c.seq)
    seq: int = connection.execute(step).scalar_one()
    return seq
