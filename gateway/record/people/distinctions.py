"""Distinctions: pairs of FaceIds that somebody said are not the same person."""

from typing import NamedTuple

import sqlalchemy as sa

from gateway.record.people.face_pair import FacePair
from gateway.record.people.schema import distinctions
from gateway.record.upsert import insert_if_absent, insert_into


class PendingDistinction(NamedTuple):
    """A distinction whose shard does not know it: `face_id` is not `other_face_id`."""

    store: str
    face_id: str
    other_face_id: str


def add_distinction(connection: sa.Connection, face: FacePair, other: FacePair, now: int) -> None:
    """Store that `face` is not `other`; it replaces the same distinction the other way round."""
    connection.execute(sa.delete(distinctions).where(_is_pair(other, face)))
    statement = insert_into(connection, distinctions).values(
        store=face[0],
        face_id=face[1],
        other_store=other[0],
        other_face_id=other[1],
        at=now,
        applied_at=None if face[0] == other[0] else now,
    )
    insert_if_absent(connection, statement)


def are_distinct(connection: sa.Connection, one: FacePair, two: FacePair) -> bool:
    """Return whether the two FaceIds are distinct persons, as somebody said."""
    query = sa.select(sa.exists().where(_is_pair(one, two) | _is_pair(two, one)))
    return bool(connection.execute(query).scalar_one())


def faces_distinct_from(connection: sa.Connection, face: FacePair) -> set[FacePair]:
    """Return the FaceIds that a FaceId is distinct from."""
    other = (distinctions.c.other_store, distinctions.c.other_face_id)
    of_it = (distinctions.c.store == face[0]) & (distinctions.c.face_id == face[1])
    return {
        (store, face_id) for store, face_id in connection.execute(sa.select(*other).where(of_it))
    }


def stores_with_pending_distinctions(connection: sa.Connection) -> list[str]:
    """Return the stores whose shards have pending updates of this kind."""
    query = sa.select(distinctions.c.store).distinct()
    return list(connection.scalars(query.where(distinctions.c.applied_at.is_(None))))


def pending_distinctions(
    connection: sa.Connection, store: str, limit: int
) -> list[PendingDistinction]:
    """Return the first `limit` distinctions that a store's shard does not know."""
    columns = (distinctions.c[name] for name in PendingDistinction._fields)
    query = sa.select(*columns).where(
        distinctions.c.store == store, distinctions.c.applied_at.is_(None)
    )
    return [PendingDistinction(*row) for row in connection.execute(query.limit(limit))]


def mark_distinction_applied(connection: sa.Connection, task: PendingDistinction, now: int) -> None:
    """Store that the shard knows the distinction."""
    pair = _is_pair((task.store, task.face_id), (task.store, task.other_face_id))
    connection.execute(sa.update(distinctions).where(pair).values(applied_at=now))


def _is_pair(face: FacePair, other: FacePair) -> sa.ColumnElement[bool]:
    return (
        (distinctions.c.store == face[0])
        & (distinctions.c.face_id == face[1])
        & (distinctions.c.other_store == other[0])
        & (distinctions.c.other_face_id == other[1])
    )
