"""Merging persons by hand, undoing it, and what the shards still have to do about it."""

from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from contract.errors import AlreadyBound, NotFound, NotTheSame
from contract.messages.members import FaceRef, MergeState
from gateway.clock.clock import iso
from gateway.record.people.bindings import (
    check_not_promised,
    ensure_person,
    member_of,
    move_member,
    order_for,
    refresh_person,
    tell,
)
from gateway.record.people.distinctions import are_apart
from gateway.record.people.face_tasks import note_faces
from gateway.record.people.members import faces_of
from gateway.record.people.persons import FacePair, lock_persons, merge_persons, move_faces
from gateway.record.people.schema import identities, merges
from gateway.record.visits.ledger import Ledger

_BY_ITSELF = ("track", "reconciled")
"""Causes of merges that nobody asked for.

The templates of the FaceId are no gain for whom it turned out to be: they are of a frame that did
not look like them, or another store has better ones.
"""


class MergeTask(NamedTuple):
    """What a store's shard has to do about a merge. `merge` is its name there.

    `into` is None when nobody gets the templates: they are set aside.
    """

    number: int
    merge: str
    todo: Literal["merge", "undo"]
    into: str | None
    source: str


def merge_faces(connection: sa.Connection, into: FacePair, source: FacePair, now: int) -> int:
    """Make two FaceIds, and the persons they are, one; return the merge's number.

    Raises NotTheSame when somebody said that they are not, AlreadyBound when they are two members.
    """
    one, two = ensure_person(connection, into, now), ensure_person(connection, source, now)
    order_for(connection, one, two, now=now)
    if are_apart(connection, into, source):
        raise NotTheSame(f"somebody said that {source[1]!r} is not {into[1]!r}")
    mine, theirs = member_of(connection, one), member_of(connection, two)
    if mine is not None and theirs is not None and one != two:
        raise AlreadyBound(f"they are two members, {mine!r} and {theirs!r}")
    if (owner := mine or theirs) is not None:
        check_not_promised(connection, [into, source], owner)
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
        note_faces(connection, faces_of(connection, one), now)
    tell(connection, one, now)
    return number


def undo_merge(connection: sa.Connection, number: int, now: int) -> None:
    """Make the FaceIds that a merge has moved those of the person they were before.

    Those that belong to somebody else by now stay. Undoing it again changes nothing. Raises
    NotFound.
    """
    row = _row(connection, number, lock=True)
    if row.undone_at is not None:
        return
    into = _person_now(connection, row)
    order_for(connection, into, row.from_person, now=now)
    mine = set(faces_of(connection, into))
    moved = [pair for pair in map(tuple, row.faces) if pair in mine]
    with Ledger(connection) as ledger:
        if into != row.from_person:
            lock_persons(connection, into, row.from_person)
            move_faces(connection, ledger, moved, source=into, into=row.from_person)
            if row.member_id is not None and member_of(connection, into) == row.member_id:
                move_member(connection, row.member_id, row.from_person)
        refresh_person(connection, ledger, into)
        refresh_person(connection, ledger, row.from_person)
    this = merges.c.merge == number
    connection.execute(sa.update(merges).where(this).values(undone_at=now))
    note_faces(connection, [*mine, *moved], now)
    tell(connection, into, now)
    tell(connection, row.from_person, now)


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
        pending=waits and _task(row) is not None,
    )


def stores_with_merges(connection: sa.Connection) -> list[str]:
    """Return the stores whose shards have something to do about merges."""
    return list(connection.scalars(sa.select(merges.c.from_store).distinct().where(_open())))


def merge_tasks(connection: sa.Connection, store: str, limit: int) -> list[MergeTask]:
    """Return what a store's shard has to do, in the order of the merges."""
    query = sa.select(merges).where(merges.c.from_store == store, _open())
    rows = connection.execute(query.order_by(merges.c.merge).limit(limit))
    return [task for task in map(_task, rows) if task is not None]


def merge_done(connection: sa.Connection, task: MergeTask, now: int) -> None:
    """Note that the shard has done it."""
    done = None if task.todo == "undo" else now
    this = merges.c.merge == task.number
    connection.execute(sa.update(merges).where(this).values(applied_at=done))


def _open() -> sa.ColumnElement[bool]:
    """Select the merges that a shard has to do something about."""
    to_merge = merges.c.undone_at.is_(None) & merges.c.applied_at.is_(None)
    to_undo = merges.c.undone_at.is_not(None) & merges.c.applied_at.is_not(None)
    here = merges.c.into_store == merges.c.from_store
    of_shards = here | merges.c.cause.in_(_BY_ITSELF)
    return merges.c.from_face_id.is_not(None) & of_shards & (to_merge | to_undo)


def _task(row: sa.Row[Any]) -> MergeTask | None:
    """Return what the shard has to do, if anything: two stores' shards keep what people merge."""
    by_itself = row.cause in _BY_ITSELF
    if row.into_store != row.from_store and not by_itself:
        return None
    todo: Literal["merge", "undo"] = "merge" if row.undone_at is None else "undo"
    into = None if by_itself else row.into_face_id
    return MergeTask(row.merge, f"{row.merge}-{row.at}", todo, into, row.from_face_id)


def _row(connection: sa.Connection, number: int, *, lock: bool) -> sa.Row[Any]:
    """Return a merge; a transaction that only reads cannot lock it. Raises NotFound."""
    query = sa.select(merges).where(merges.c.merge == number, merges.c.from_face_id.is_not(None))
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(f"there is no merge {number}")
    return row


def _person_now(connection: sa.Connection, row: sa.Row[Any]) -> int:
    """Return whom the merge has made them, as that person is known now."""
    query = sa.select(identities.c.person).where(
        identities.c.store == row.into_store, identities.c.face_id == row.into_face_id
    )
    person = connection.execute(query).scalar()
    return int(row.into_person if person is None else person)
