"""Visitors whose retention is over."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from gateway.record.people.erasure.anonymization import anonymize_person
from gateway.record.people.erasure.erasures import add_erasure
from gateway.record.people.members import faces_of
from gateway.record.people.persons import erase_person
from gateway.record.people.schema import identities, members
from gateway.record.scope import CHAIN
from gateway.record.store_locks import lock_stores
from gateway.record.visits.schema import pending_visits, visits

_VISITORS_AT_ONCE = 200
"""Visitors that one transaction erases: frames wait no longer than for that."""


def erase_visitors(
    connection: sa.Connection,
    store: str,
    before: int,
    stores: Collection[str],
    *,
    now: int,
    most: int,
) -> int:
    """Erase some visitors of a store who were not seen anywhere since a moment; return how many.

    They are `most` at most, and nobody who is a member of any store is among them.
    """
    lock_stores(connection, CHAIN, *stores)
    others = identities.alias()
    kept = sa.exists().where(
        others.c.person == identities.c.person,
        (others.c.last_seen >= before) | (others.c.kind == "member"),
    )
    bound = sa.exists().where(members.c.person == identities.c.person)
    query = sa.select(identities.c.person).where(
        identities.c.store == store, identities.c.last_seen < before, ~kept, ~bound
    )
    expired = connection.scalars(query.distinct().limit(min(most, _VISITORS_AT_ONCE))).all()
    faces = {person: faces_of(connection, person) for person in expired}
    if faces:
        parts = [face for owned in faces.values() for face in owned]
        add_erasure(connection, "retention", None, parts, now)
    for person, owned in faces.items():
        anonymize_person(connection, person, owned, now)
    return len(faces)


def erase_pending_visitors(connection: sa.Connection, store: str, before: int) -> int:
    """Erase strangers who still wait for a FaceId and were seen last before a moment; say how many.

    Their visits stay counted.
    """
    lock_stores(connection, store)
    query = sa.select(visits.c.person).join(
        pending_visits, pending_visits.c.visit == visits.c.visit
    )
    waiting = query.where(
        visits.c.store == store, visits.c.last_at < before, visits.c.face_id.is_(None)
    )
    expired = connection.scalars(waiting.limit(_VISITORS_AT_ONCE)).all()
    for person in expired:
        erase_person(connection, person)
    return len(expired)


def count_visitors(connection: sa.Connection, store: str) -> int:
    """Return how many visitors of a store the record knows."""
    query = sa.select(sa.func.count()).where(
        identities.c.store == store, identities.c.kind == "visitor"
    )
    return connection.execute(query).scalar_one()


def unknown_to_record(connection: sa.Connection, store: str, face_ids: Sequence[str]) -> list[str]:
    """Return those FaceIds of a store that the record does not know."""
    query = sa.select(identities.c.face_id).where(
        identities.c.store == store, identities.c.face_id.in_(face_ids)
    )
    known = set(connection.scalars(query))
    return [face_id for face_id in face_ids if face_id not in known]
