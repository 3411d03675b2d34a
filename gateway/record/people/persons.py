"""Persons and the FaceIds that they are known by."""

from typing import Any, Literal

import sqlalchemy as sa

from contract.messages.recognition import RecognizedFace
from gateway.record.people.face_pair import FacePair
from gateway.record.people.schema import identities, merges, persons
from gateway.record.prepared import Prepared
from gateway.record.upsert import insert_if_absent, insert_into
from gateway.record.visits.ledger import Ledger
from gateway.record.visits.pending_visits import delete_pending_of
from gateway.record.visits.schema import visits

MergeCause = Literal["track", "hand", "reconciled", "bound", "alike"]

_SEEN_PRECISION = 3_600_000
"""Milliseconds by which `last_seen` may be out of date: not every frame writes it."""


def resolve_person(connection: sa.Connection, ledger: Ledger, face: RecognizedFace, at: int) -> int:
    """Return the person of a recognised face, and update its identity from the frame.

    A FaceId that the record does not know gets a new person. The person is locked until the commit.
    """
    row = _identity(connection, face)
    while row is None:
        _add_identity(connection, face, at)
        row = _identity(connection, face)
    changes: dict[str, Any] = {}
    if row.kind != face.kind:
        changes["kind"] = face.kind
    if row.provisional != face.provisional:
        changes["provisional"] = face.provisional
    if at < row.first_seen:
        changes["first_seen"] = at
    if at > row.last_seen + _SEEN_PRECISION:
        changes["last_seen"] = at
    if changes:
        _CHANGE.run(connection, _name(face) | changes)
    if face.kind == "member" and not row.member:
        connection.execute(
            sa.update(persons).where(persons.c.person == row.person).values(member=True)
        )
        ledger.restate(row.person)
    person: int = row.person
    return person


def add_person(connection: sa.Connection, *, member: bool) -> int:
    """Insert a person, who is not staff, and return the number."""
    [number] = add_persons(connection, 1, member=member)
    return number


def add_persons(connection: sa.Connection, count: int, *, member: bool) -> list[int]:
    """Insert `count` persons, none of whom is staff, and return their numbers."""
    rows = [{"member": member, "staff": False}] * count
    return list(connection.scalars(sa.insert(persons).returning(persons.c.person), rows))


def is_member(connection: sa.Connection, person: int) -> bool:
    """Say whether the person is a member of any store."""
    query = sa.select(persons.c.member).where(persons.c.person == person)
    return bool(connection.execute(query).scalar_one())


def lock_persons(connection: sa.Connection, *numbers: int) -> None:
    """Lock these persons until the commit: no other transaction changes their visits meanwhile."""
    ordered = sa.select(persons.c.person).where(persons.c.person.in_(numbers))
    connection.execute(ordered.order_by(persons.c.person).with_for_update()).all()


def merge_persons(
    connection: sa.Connection,
    ledger: Ledger,
    *,
    into: int,
    source: int,
    cause: MergeCause,
    at: int,
    pair: tuple[FacePair, FacePair] | None = None,
) -> int:
    """Move all FaceIds and visits of `source` to `into`; return the merge's number.

    PV stays as it is, UV and whatever depends on persons is recomputed. The second FaceId of `pair`
    was found to be the first one: the shards bring their templates in line with that.
    """
    lock_persons(connection, into, source)
    owned = sa.select(identities.c.store, identities.c.face_id).where(identities.c.person == source)
    moved = [tuple(row) for row in connection.execute(owned)]
    values: dict[str, Any] = {
        "cause": cause,
        "into_person": into,
        "from_person": source,
        "faces": moved,
        "at": at,
    }
    if pair is not None:
        (values["into_store"], values["into_face_id"]), source_face = pair
        values["from_store"], values["from_face_id"] = source_face
    key = connection.execute(sa.insert(merges).values(values)).inserted_primary_key
    assert key is not None
    if is_member(connection, source):
        connection.execute(sa.update(persons).where(persons.c.person == into).values(member=True))
    move_faces(connection, ledger, moved, source=source, into=into)
    merge: int = key[0]
    return merge


def move_faces(
    connection: sa.Connection,
    ledger: Ledger,
    faces: list[FacePair],
    *,
    source: int,
    into: int,
) -> None:
    """Move FaceIds of the person `source`, and the visits that they were seen in, to `into`.

    Both persons have to be locked before.
    """
    pairs = sa.tuple_(identities.c.store, identities.c.face_id)
    connection.execute(
        sa.update(identities)
        .where(identities.c.person == source, pairs.in_(faces))
        .values(person=into)
    )
    seen = sa.tuple_(visits.c.home_store, visits.c.face_id)
    connection.execute(
        sa.update(visits).where(visits.c.person == source, seen.in_(faces)).values(person=into)
    )
    ledger.restate(source)
    ledger.restate(into)


def set_staff(connection: sa.Connection, ledger: Ledger, person: int, staff: bool) -> None:
    """Mark a person as staff or not: no visit of staff is counted, past ones included."""
    lock_persons(connection, person)
    connection.execute(sa.update(persons).where(persons.c.person == person).values(staff=staff))
    ledger.restate(person)


def erase_person(connection: sa.Connection, person: int) -> None:
    """Delete a person and all FaceIds. The visits stay, without a person.

    Every count stays as it is, for each visit keeps when its predecessor was. What refers to the
    person, as a member does, is erased before.
    """
    lock_persons(connection, person)
    delete_pending_of(connection, person)
    theirs = sa.update(visits).where(visits.c.person == person)
    connection.execute(theirs.values(person=None, face_id=None, sightings=""))
    connection.execute(sa.delete(identities).where(identities.c.person == person))
    connection.execute(sa.delete(persons).where(persons.c.person == person))


_IS_IT = (identities.c.store == sa.bindparam("of_store")) & (
    identities.c.face_id == sa.bindparam("of_face_id")
)
_IDENTITY = Prepared(
    sa.select(identities, persons.c.member).join(persons).where(_IS_IT).with_for_update(of=persons)
)
_CHANGE = Prepared(sa.update(identities).where(_IS_IT))


def _name(face: RecognizedFace) -> dict[str, Any]:
    return {"of_store": face.store, "of_face_id": face.face_id}


def _identity(connection: sa.Connection, face: RecognizedFace) -> Any:
    return _IDENTITY.first(connection, _name(face))


def _add_identity(connection: sa.Connection, face: RecognizedFace, at: int) -> None:
    """Add a FaceId and a person for it, unless another transaction is doing so."""
    person = add_person(connection, member=face.kind == "member")
    statement = insert_into(connection, identities).values(
        store=face.store,
        face_id=face.face_id,
        person=person,
        kind=face.kind,
        provisional=face.provisional,
        first_seen=at,
        last_seen=at,
    )
    if not insert_if_absent(connection, statement):
        connection.execute(sa.delete(persons).where(persons.c.person == person))
