"""Visitors that are one person by how alike they are: merged, unless something is against it."""

import sqlalchemy as sa

from contract.errors import AlreadyBound, NotTheSame
from gateway.record.people.bindings import check_not_promised
from gateway.record.people.card_events import add_card_events, lock_for_card_events
from gateway.record.people.face_pair import FacePair
from gateway.record.people.identities import find_person, refresh_person
from gateway.record.people.members import faces_of
from gateway.record.people.persons import is_member, merge_persons
from gateway.record.people.schema import distinctions, merges
from gateway.record.visits.ledger import Ledger


def merge_alike(
    connection: sa.Connection, into: FacePair, source: FacePair, now: int
) -> int | None:
    """Merge the persons of two visitors' FaceIds; return the merge's number.

    PV stays, UV is recomputed. None when they are one person already, or one is not known: visitors
    who have no visit, or were erased meanwhile, are nobody to count.

    Raises NotTheSame when somebody said that they are not (also by undoing a merge of the two), or
    when two stores would join FaceIds that their own store has told apart; AlreadyBound when one of
    them is a member's, or about to be.
    """
    both = _two_persons(connection, into, source)
    if both is None:
        return None
    lock_for_card_events(connection, *both, now=now)
    if _two_persons(connection, into, source) != both:
        return None  # another transaction was faster
    one, two = both
    _check_may_be_one(connection, one, two, across=into[0] != source[0])
    with Ledger(connection) as ledger:
        number = merge_persons(
            connection,
            ledger,
            into=one,
            source=two,
            cause="alike",
            at=now,
            pair=(into, source),
        )
        refresh_person(connection, ledger, one)
    add_card_events(connection, one, now=now)
    return number


def _two_persons(
    connection: sa.Connection, into: FacePair, source: FacePair
) -> tuple[int, int] | None:
    one, two = find_person(connection, into), find_person(connection, source)
    return None if one is None or two is None or one == two else (one, two)


def _check_may_be_one(connection: sa.Connection, one: int, two: int, *, across: bool) -> None:
    mine, theirs = faces_of(connection, one), faces_of(connection, two)
    if is_member(connection, one) or is_member(connection, two):
        raise AlreadyBound("one of them is a member by now")
    check_not_promised(connection, dict.fromkeys([*mine, *theirs]))
    if across and {store for store, _ in mine} & {store for store, _ in theirs}:
        raise NotTheSame("both have a FaceId in one store, which has told them apart")
    for face, other in _told_apart(connection, [*mine, *theirs]):
        if (face in mine) != (other in mine):
            raise NotTheSame(f"somebody said that {face[1]!r} is not {other[1]!r}")


def _told_apart(
    connection: sa.Connection, faces: list[FacePair]
) -> list[tuple[FacePair, FacePair]]:
    """Return the pairs among `faces` that somebody said are not one person."""
    d, m = distinctions.c, merges.c
    said = sa.select(d.store, d.face_id, d.other_store, d.other_face_id).where(
        sa.tuple_(d.store, d.face_id).in_(faces),
        sa.tuple_(d.other_store, d.other_face_id).in_(faces),
    )
    undone = sa.select(m.into_store, m.into_face_id, m.from_store, m.from_face_id).where(
        sa.tuple_(m.into_store, m.into_face_id).in_(faces),
        sa.tuple_(m.from_store, m.from_face_id).in_(faces),
        m.undone_at.is_not(None),
    )
    rows = [*connection.execute(said), *connection.execute(undone)]
    return [((store, face), (other_store, other)) for store, face, other_store, other in rows]
