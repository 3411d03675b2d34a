"""How many persons the record knows, and which erasures are open."""

from typing import NamedTuple

import sqlalchemy as sa

from gateway.record.people.schema import erasures, identities


class PersonCounts(NamedTuple):
    """Persons with FaceIds, all of their FaceIds, and erasures that somebody has yet to confirm.

    `oldest_open` is when the first of them was asked for, in milliseconds since 1970.
    """

    persons: int
    faces: int
    open_erasures: int
    oldest_open: int | None


def count_persons(connection: sa.Connection) -> PersonCounts:
    """Return the counts; a read of all FaceIds."""
    known = sa.select(sa.func.count(sa.distinct(identities.c.person)), sa.func.count())
    persons, faces = connection.execute(known.select_from(identities)).one()
    waiting = sa.select(sa.func.count(), sa.func.min(erasures.c.requested_at))
    count, oldest = connection.execute(waiting.where(erasures.c.completed_at.is_(None))).one()
    return PersonCounts(persons, faces, count, oldest)
