"""Corrections: FaceIds that are distinct, and visits that were somebody else's."""

from dataclasses import replace

import sqlalchemy as sa

from contract.errors import AlreadyBound, NotFound
from gateway.record.people.card_events import add_card_events, lock_for_card_events
from gateway.record.people.distinctions import add_distinction
from gateway.record.people.face_pair import FacePair
from gateway.record.people.identities import add_identities, ensure_person, split_face
from gateway.record.people.members import find_member_of
from gateway.record.people.merges import undo_merge
from gateway.record.people.persons import add_person
from gateway.record.people.schema import merges
from gateway.record.scope import CHAIN
from gateway.record.store_locks import lock_stores
from gateway.record.visits.ledger import Ledger, visit_of
from gateway.record.visits.schema import tracks, visits
from gateway.record.visits.visit import VisitRow


def distinguish_faces(
    connection: sa.Connection, face: FacePair, other: FacePair, now: int
) -> int | None:
    """Store that `face` is not `other`; return the number of the merge that this undid, if any.

    Raises AlreadyBound when both are bound to one member.
    """
    mine, theirs = ensure_person(connection, face, now), ensure_person(connection, other, now)
    lock_for_card_events(connection, mine, theirs, now=now)
    undone = None
    if mine == theirs:
        undone = _merge_of(connection, face, other)
        if undone is not None:
            undo_merge(connection, undone, now)
        elif find_member_of(connection, mine) is not None:
            raise AlreadyBound("both FaceIds are bound to one member; unbind one of them first")
        else:
            with Ledger(connection) as ledger:
                alone = split_face(connection, ledger, face, mine)
            add_card_events(connection, alone, now=now)
    add_distinction(connection, face, other, now)
    return undone


def find_visit(connection: sa.Connection, face: FacePair, number: int) -> VisitRow:
    """Return a visit of `face`. Raises NotFound when it is no visit of that FaceId."""
    query = sa.select(visits).where(visits.c.visit == number)
    row = connection.execute(query).first()
    if row is None or (row.home_store, row.face_id) != face:
        raise NotFound(f"there is no visit {number} of {face[1]!r}")
    return visit_of(row)


def reassign_visit(
    connection: sa.Connection, face: FacePair, number: int, own: FacePair | None, now: int
) -> None:
    """Make a visit of `face` that of a new person: PV stays, UV is recomputed.

    The new person gets the FaceId `own`, distinct from `face`, or none.
    Raises NotFound when it is no visit of that FaceId.
    """
    query = sa.select(visits).where(visits.c.visit == number)
    row = find_visit(connection, face, number)
    assert row.person is not None
    lock_stores(connection, row.store, CHAIN)
    lock_for_card_events(connection, row.person, now=now)
    before = visit_of(connection.execute(query).one())
    alone = add_person(connection, member=False)
    connection.execute(sa.delete(tracks).where(tracks.c.visit == number))
    with Ledger(connection) as ledger:
        nobody = replace(
            before,
            person=alone,
            face_id=None if own is None else own[1],
            home_store=before.store,
            kind="new",
            score=None,
            sightings="",
        )
        ledger.change(before, nobody)
    if own is not None:
        add_identities(connection, {own: alone}, now)
        add_distinction(connection, own, face, now)
    add_card_events(connection, alone, now=now)


def _merge_of(connection: sa.Connection, face: FacePair, other: FacePair) -> int | None:
    """Return the last merge that has made these two FaceIds one."""
    pairs = [(*face, *other), (*other, *face)]
    of_these = sa.tuple_(
        merges.c.into_store, merges.c.into_face_id, merges.c.from_store, merges.c.from_face_id
    ).in_(pairs)
    query = sa.select(merges.c.merge).where(of_these, merges.c.undone_at.is_(None))
    number: int | None = connection.execute(query.order_by(merges.c.merge.desc())).scalar()
    return number
