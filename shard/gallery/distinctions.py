"""Pairs of FaceIds that were declared to be different people."""

import sqlalchemy as sa

from shard.gallery.meta_rows import next_seq
from shard.gallery.schema import distinctions

_one, _other = distinctions.c.face_id, distinctions.c.other_face_id
_LAST = sa.select(sa.func.max(distinctions.c.seq))


def add(connection: sa.Connection, face_id: str, other: str) -> None:
    """Store that `face_id` is not `other`, unless that is known; the reverse no longer holds."""
    pair = {"face_id": face_id, "other_face_id": other}
    reverse = (_one == other) & (_other == face_id)
    connection.execute(sa.delete(distinctions).where(reverse))
    known = sa.select(distinctions).filter_by(**pair)
    if connection.execute(known).first() is None:
        connection.execute(sa.insert(distinctions).values(seq=next_seq(connection), **pair))


def changed_since(
    connection: sa.Connection, after: int, *, any_removed: bool
) -> list[tuple[str, str]] | None:
    """Return all pairs; None when they are as they were at the number `after`.

    Pairs go with a FaceId that is erased, and leave no trace: `any_removed` says whether FaceIds
    were removed since.
    """
    last = connection.scalar(_LAST) or 0
    if after and not any_removed and last <= after:
        return None
    return pairs(connection)


def pairs(connection: sa.Connection) -> list[tuple[str, str]]:
    """Return all pairs."""
    return [(one, other) for one, other in connection.execute(sa.select(_one, _other))]


def rename(connection: sa.Connection, face_id: str, name: str) -> None:
    """Give a FaceId another name."""
    theirs = (_one == face_id) | (_other == face_id)
    own = sa.select(_one, _other).where(theirs).order_by(distinctions.c.seq)
    for pair in connection.execute(own).all():
        first, second = (name if each == face_id else each for each in pair)
        add(connection, first, second)
    delete(connection, face_id)


def delete(connection: sa.Connection, face_id: str) -> None:
    """Remove the pairs of a FaceId."""
    connection.execute(sa.delete(distinctions).where((_one == face_id) | (_other == face_id)))
