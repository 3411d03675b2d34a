"""Who is in a store now, and which cameras see it: for those who are told of changes alone."""

from dataclasses import dataclass

import sqlalchemy as sa

from contract.messages.live import VisitCard
from gateway.record.cameras.schema import cameras
from gateway.record.feed.feed import SKEW_MS
from gateway.record.people.schema import persons
from gateway.record.visits.cards import cards_of, seen_last_between
from gateway.record.visits.schema import pending_visits, visits

_DAY = 24 * 3_600_000


@dataclass(frozen=True)
class StorePresence:
    """How many people are here and how many of them are members, staff aside."""

    present: int
    members: int
    last_member: VisitCard | None
    """The visit of the member who came last, if one came within a day."""
    alive: dict[str, bool]
    """The cameras that have names, and whether each is alive: not missed."""
    until: int | None
    """The moment from which this is no longer so, if nobody is seen again."""


def store_presence(
    connection: sa.Connection, store: str, gap_seconds: float, now: int
) -> StorePresence:
    """Return the state of `store` at the moment `now`, in milliseconds since 1970."""
    gap = round(gap_seconds * 1000)
    query = (
        sa.select(visits.c.person, visits.c.member, visits.c.last_at)
        .join(persons, persons.c.person == visits.c.person)
        .join(pending_visits, pending_visits.c.visit == visits.c.visit, isouter=True)
        .where(
            *seen_last_between(store, now - gap, now + SKEW_MS),
            visits.c.face_id.is_not(None) | pending_visits.c.visit.is_not(None),
            persons.c.staff.is_(False),
        )
    )
    rows = connection.execute(query).all()
    last_seen = dict[int, int]()
    for row in rows:
        last_seen[row.person] = max(row.last_at, last_seen.get(row.person, 0))
    return StorePresence(
        present=len(last_seen),
        members=len({row.person for row in rows if row.member}),
        last_member=_last_member(connection, store, now),
        alive=_alive(connection, store),
        until=min(last_seen.values()) + gap if last_seen else None,
    )


def _alive(connection: sa.Connection, store: str) -> dict[str, bool]:
    query = sa.select(cameras.c.camera, cameras.c.silent_since.is_(None)).where(
        cameras.c.store == store, cameras.c.camera != ""
    )
    return {camera: bool(alive) for camera, alive in connection.execute(query)}


def _last_member(connection: sa.Connection, store: str, now: int) -> VisitCard | None:
    query = (
        sa.select(visits.c.visit)
        .join(persons, persons.c.person == visits.c.person)
        .where(
            *seen_last_between(store, now - _DAY, now + SKEW_MS),
            visits.c.member,
            persons.c.staff.is_(False),
        )
        .order_by(visits.c.hour.desc(), visits.c.first_at.desc())
        .limit(1)
    )
    number = connection.execute(query).scalar()
    return None if number is None else cards_of(connection, [number]).get(number)
