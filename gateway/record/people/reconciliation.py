"""Provisional FaceIds: minted while not every store could be asked, and settled later."""

import sqlalchemy as sa

from gateway.record.people.card_events import add_card_events, lock_for_card_events
from gateway.record.people.distinctions import are_distinct
from gateway.record.people.face_pair import FacePair, matches
from gateway.record.people.identities import ensure_person, refresh_person
from gateway.record.people.members import find_member_of
from gateway.record.people.persons import merge_persons
from gateway.record.people.schema import identities
from gateway.record.visits.ledger import Ledger
from gateway.record.visits.schema import visits


def reconcile_provisional(
    connection: sa.Connection, face: FacePair, known: FacePair, now: int
) -> bool:
    """Merge a provisional FaceId into one of another store; return False if they are distinct.

    PV stays, UV is recomputed. The shard of the FaceId is to set its templates aside.
    """
    if are_distinct(connection, face, known):
        return False
    into, source = ensure_person(connection, known, now), ensure_person(connection, face, now)
    lock_for_card_events(connection, into, source, now=now)
    if into != source:
        if find_member_of(connection, source) is not None:
            return False
        with Ledger(connection) as ledger:
            merge_persons(
                connection,
                ledger,
                into=into,
                source=source,
                cause="reconciled",
                at=now,
                pair=(known, face),
            )
            refresh_person(connection, ledger, into)
    _clear_provisional(connection, face)
    add_card_events(connection, into, now=now)
    return True


def confirm_provisional(connection: sa.Connection, face: FacePair, now: int) -> None:
    """Make a provisional FaceId a permanent one: no other store knows the person."""
    person = ensure_person(connection, face, now)
    lock_for_card_events(connection, person, now=now)
    _clear_provisional(connection, face)
    add_card_events(connection, person, now=now)


def _clear_provisional(connection: sa.Connection, face: FacePair) -> None:
    this = matches(identities, face)
    connection.execute(sa.update(identities).where(this).values(provisional=False))
    seen = (visits.c.home_store == face[0]) & (visits.c.face_id == face[1])
    connection.execute(
        sa.update(visits).where(seen, visits.c.provisional).values(provisional=False)
    )
