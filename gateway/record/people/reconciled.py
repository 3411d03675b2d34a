"""What became of FaceIds that were minted while not every store could be asked."""

import sqlalchemy as sa

from gateway.record.people.bindings import ensure_person, member_of, order_for, refresh_person, tell
from gateway.record.people.distinctions import are_apart
from gateway.record.people.persons import FacePair, merge_persons
from gateway.record.people.schema import identities
from gateway.record.visits.ledger import Ledger
from gateway.record.visits.schema import visits


def reconcile(connection: sa.Connection, face: FacePair, known: FacePair, now: int) -> bool:
    """Make a provisional FaceId the person whom another store knows, unless they are apart.

    PV stays, UV is restated. The FaceId's store is told to forget it.
    """
    if are_apart(connection, face, known):
        return False
    into, source = ensure_person(connection, known, now), ensure_person(connection, face, now)
    order_for(connection, into, source, now=now)
    if into != source:
        if member_of(connection, source) is not None:
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
    _settle(connection, face)
    tell(connection, into, now)
    return True


def confirm(connection: sa.Connection, face: FacePair, now: int) -> None:
    """Make a provisional FaceId one like the others: no store knows who it is."""
    person = ensure_person(connection, face, now)
    order_for(connection, person, now=now)
    _settle(connection, face)
    tell(connection, person, now)


def _settle(connection: sa.Connection, face: FacePair) -> None:
    this = (identities.c.store == face[0]) & (identities.c.face_id == face[1])
    connection.execute(sa.update(identities).where(this).values(provisional=False))
    seen = (visits.c.home_store == face[0]) & (visits.c.face_id == face[1])
    connection.execute(
        sa.update(visits).where(seen, visits.c.provisional).values(provisional=False)
    )
