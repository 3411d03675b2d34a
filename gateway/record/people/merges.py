"""Merging persons by hand, undoing it, and reading a merge."""

from typing import Any

import sqlalchemy as sa

from contract.errors import AlreadyBound, NotFound, NotTheSame
from contract.messages.members import FaceRef, MergeState
from gateway.clock.clock import iso
from gateway.record.people.binding_updates import enqueue_bindings
from gateway.record.people.bindings import check_not_promised
from gateway.record.people.card_events import add_card_events, lock_for_card_events
from gateway.record.people.distinctions import are_distinct
from gateway.record.people.face_pair import FacePair
from gateway.record.people.identities import ensure_person, refresh_person
from gateway.record.people.members import faces_of, find_member_of, move_member
from gateway.record.people.merge_updates import update_of
from gateway.record.people.persons import lock_persons, merge_persons, move_faces
from gateway.record.people.schema import identities, merges
from gateway.record.visits.ledger import Ledger


def merge_faces(connection: sa.Connection, into: FacePair, source: FacePair, now: int) -> int:
    """Merge the persons of two FaceIds; return the merge's number.

    Raises NotTheSame when somebody said that they are not, AlreadyBound when they are two members.
    """
    one, two = ensure_person(connection, into, now), ensure_person(connection, source, now)
    lock_for_card_events(connection, one, two, now=now)
    if are_distinct(connection, into, source):
        raise NotTheSame(f"somebody said that {source[1]!r} is not {into[1]!r}")
    mine, theirs = find_member_of(connection, one), find_member_of(connection, two)
    if mine is not None and theirs is not None and one != two:
        raise AlreadyBound(f"they are two members, {mine!r} and {theirs!r}")
    if (owner := mine or theirs) is not None:
        check_not_promised(connection, dict.fromkeys([into, source], owner))
    with Ledger(connection) as ledger:
        number = merge_persons(
            connection,
            ledger,
            into=one,
            source=two,
            cause="hand",
            at=now,
            pair=(into, source),
        )
        if theirs is not None and one != two:
            move_member(connection, theirs, one)
            this = merges.c.merge == number
            connection.execute(sa.update(merges).where(this).values(member_id=theirs))
        refresh_person(connection, ledger, one)
    if mine or theirs:
        enqueue_bindings(connection, faces_of(connection, one), now)
    add_card_events(connection, one, now=now)
    return number


def undo_merge(connection: sa.Connection, number: int, now: int) -> None:
    """Move the FaceIds that a merge has moved back to their former person.

    Those that belong to somebody else by now stay. Undoing a merge twice changes nothing. Raises
    NotFound.
    """
    row = _row(connection, number, lock=True)
    if row.undone_at is not None:
        return
    into = _person_now(connection, row)
    lock_for_card_events(connection, into, row.from_person, now=now)
    mine = set(faces_of(connection, into))
    moved = [pair for pair in map(tuple, row.faces) if pair in mine]
    with Ledger(connection) as ledger:
        if into != row.from_person:
            lock_persons(connection, into, row.from_person)
            move_faces(connection, ledger, moved, source=into, into=row.from_person)
            if row.member_id is not None and find_member_of(connection, into) == row.member_id:
                move_member(connection, row.member_id, row.from_person)
        refresh_person(connection, ledger, into)
        refresh_person(connection, ledger, row.from_person)
    this = merges.c.merge == number
    connection.execute(sa.update(merges).where(this).values(undone_at=now))
    enqueue_bindings(connection, [*mine, *moved], now)
    add_card_events(connection, into, now=now)
    add_card_events(connection, row.from_person, now=now)


def read_merge(connection: sa.Connection, number: int) -> MergeState:
    """Return a merge. Raises NotFound."""
    row = _row(connection, number, lock=False)
    waits = (row.applied_at is None) == (row.undone_at is None)
    return MergeState(
        merge=str(number),
        cause=row.cause,
        into=FaceRef(store=row.into_store, face_id=row.into_face_id),
        source=FaceRef(store=row.from_store, face_id=row.from_face_id),
        at=iso(row.at),
        undone_at=None if row.undone_at is None else iso(row.undone_at),
        pending=waits and update_of(row) is not None,
    )


def _row(connection: sa.Connection, number: int, *, lock: bool) -> sa.Row[Any]:
    """Return a merge; a transaction that only reads cannot lock it. Raises NotFound."""
    query = sa.select(merges).where(merges.c.merge == number, merges.c.from_face_id.is_not(None))
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(f"there is no merge {number}")
    return row


def _person_now(connection: sa.Connection, row: sa.Row[Any]) -> int:
    """Return the person whom the merge has made, as `into` is known now."""
    query = sa.select(identities.c.person).where(
        identities.c.store == row.into_store, identities.c.face_id == row.into_face_id
    )
    person = connection.execute(query).scalar()
    return int(row.into_person if person is None else person)
