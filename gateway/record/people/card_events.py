"""Events about visits whose cards tills may still show."""

from collections.abc import Iterable

import sqlalchemy as sa

from gateway.record.feed.event_log import add_event
from gateway.record.people.members import add_member_event
from gateway.record.people.persons import lock_persons
from gateway.record.scope import CHAIN
from gateway.record.store_locks import lock_stores
from gateway.record.visits.schema import visits

CARD_LIFETIME = 12 * 3_600_000
"""Milliseconds for which a till may still show a visit."""


def lock_for_card_events(connection: sa.Connection, *people: int, now: int) -> None:
    """Lock these persons, and every store that will get an event about their visits."""
    query = sa.select(visits.c.store).distinct().where(visits.c.person.in_(people))
    stores = connection.scalars(query.where(visits.c.last_at > now - CARD_LIFETIME)).all()
    lock_stores(connection, CHAIN, *stores)
    lock_persons(connection, *people)


def add_card_events(connection: sa.Connection, *people: int, now: int) -> None:
    """Add an event for each recent visit of persons whose cards have changed."""
    add_revised_events(connection, recent_visits(connection, *people, now=now), now)
    add_member_event(connection, now)


def recent_visits(connection: sa.Connection, *people: int, now: int) -> list[tuple[int, str]]:
    """Return the number and the store of each visit of persons that tills may still show."""
    recent = sa.select(visits.c.visit, visits.c.store).where(
        visits.c.person.in_(people), visits.c.last_at > now - CARD_LIFETIME
    )
    rows = connection.execute(recent.order_by(visits.c.visit))
    return [(visit, store) for visit, store in rows]


def add_revised_events(
    connection: sa.Connection, revised: Iterable[tuple[int, str]], now: int
) -> None:
    """Add an event for each of the visits, given by number and store."""
    for visit, store in revised:
        add_event(connection, store, "visit.revised", now, {"visit": visit})
