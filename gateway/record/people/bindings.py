"""Binding FaceIds to members, with the history of their visits, and letting them go again."""

from collections.abc import Sequence

import sqlalchemy as sa

from contract.errors import AlreadyBound, UnknownFace
from contract.messages.members import MemberDraft, is_staff
from contract.pictures.naming import MINTED_PREFIX
from gateway.record.feed.event_log import add_event
from gateway.record.people.face_tasks import note_faces
from gateway.record.people.members import (
    faces_of,
    faces_of_member,
    member_changed,
    person_of_member,
    put_member,
)
from gateway.record.people.persons import FacePair, lock_persons, merge_persons, move_faces
from gateway.record.people.schema import enrollments, identities, members, persons
from gateway.record.scope import CHAIN
from gateway.record.store_locks import lock_stores
from gateway.record.upsert import insert_into
from gateway.record.visits.ledger import Ledger
from gateway.record.visits.schema import visits

RECENT = 12 * 3_600_000
"""Milliseconds for which a till may still show a visit."""


def bind_face(connection: sa.Connection, member_id: str, face: FacePair, now: int) -> None:
    """Make a FaceId, and whoever it is known to be, the member.

    Raises UnknownMember, and AlreadyBound when it is another member.
    """
    into = person_of_member(connection, member_id)
    source = known_person(connection, face) or into
    order_for(connection, into, source, now=now)
    owner = member_of(connection, source)
    if owner not in {None, member_id}:
        raise AlreadyBound(f"the FaceId {face[1]!r} of {face[0]} is bound to member {owner!r}")
    check_not_promised(connection, [face, *faces_of(connection, source)], member_id)
    if source == into:
        add_identity(connection, face, into, now)
    else:
        with Ledger(connection) as ledger:
            merge_persons(connection, ledger, into=into, source=source, cause="bound", at=now)
            refresh_person(connection, ledger, into)
    faces = faces_of(connection, into)
    of_member = sa.tuple_(identities.c.store, identities.c.face_id).in_(faces)
    connection.execute(
        sa.update(identities).where(of_member).values(kind="member", provisional=False)
    )
    note_faces(connection, [face] if source == into else faces, now)
    tell(connection, into, now)


def put_with_faces(
    connection: sa.Connection,
    member_id: str,
    draft: MemberDraft,
    faces: Sequence[FacePair],
    now: int,
) -> bool:
    """Store what a member is now and bind FaceIds; say whether the member is new.

    Raises AlreadyBound when a FaceId is another member's.
    """
    created = put_member(connection, member_id, draft, now)
    theirs = faces_of_member(connection, member_id)
    for face in faces:
        if face not in theirs:
            bind_face(connection, member_id, face, now)
    return created


def check_not_promised(
    connection: sa.Connection, faces: Sequence[FacePair], member_id: str
) -> None:
    """Raise AlreadyBound when an enrolment is about to make one of `faces` another member's."""
    promised = sa.select(enrollments.c.face_id, enrollments.c.member_id).where(
        sa.tuple_(enrollments.c.store, enrollments.c.face_id).in_(faces),
        enrollments.c.member_id != member_id,
    )
    if row := connection.execute(promised).first():
        raise AlreadyBound(
            f"the FaceId {row.face_id!r} is being enrolled for member {row.member_id!r}"
        )


def unbind_face(connection: sa.Connection, member_id: str, face: FacePair, now: int) -> None:
    """Make a FaceId of the member, and the visits it was seen in, those of somebody else.

    Raises UnknownMember, and UnknownFace when it is not the member's.
    """
    person = person_of_member(connection, member_id)
    order_for(connection, person, now=now)
    if known_person(connection, face) != person:
        raise UnknownFace(f"the FaceId {face[1]!r} of {face[0]} is not bound to {member_id!r}")
    with Ledger(connection) as ledger:
        split_off(connection, ledger, face, person)
        refresh_person(connection, ledger, person)
    note_faces(connection, [face], now)
    tell(connection, person, now)


def split_off(connection: sa.Connection, ledger: Ledger, face: FacePair, person: int) -> int:
    """Make a FaceId of `person` a person of its own, and return that person."""
    bound = member_of(connection, person) is not None
    kind = connection.execute(sa.select(identities.c.kind).where(_is(face))).scalar_one()
    if bound or kind == "member":
        kind = "visitor" if face[1].startswith(MINTED_PREFIX) else "member"
    values = {"member": kind == "member", "staff": False}
    key = connection.execute(sa.insert(persons).values(values)).inserted_primary_key
    assert key is not None
    lock_persons(connection, person, key[0])
    move_faces(connection, ledger, [face], source=person, into=key[0])
    connection.execute(sa.update(identities).where(_is(face)).values(kind=kind))
    return int(key[0])


def known_person(connection: sa.Connection, face: FacePair) -> int | None:
    """Return whose the FaceId is, if it was ever seen."""
    query = sa.select(identities.c.person).where(_is(face))
    person: int | None = connection.execute(query).scalar()
    return person


def order_for(connection: sa.Connection, *people: int, now: int) -> None:
    """Lock the order of all stores in which something will be told about these persons."""
    query = sa.select(visits.c.store).distinct().where(visits.c.person.in_(people))
    stores = connection.scalars(query.where(visits.c.last_at > now - RECENT)).all()
    lock_stores(connection, CHAIN, *stores)
    lock_persons(connection, *people)


def tell(connection: sa.Connection, person: int, now: int) -> None:
    """Tell tills that the cards of this person's visits of today have changed."""
    recent = sa.select(visits.c.visit, visits.c.store).where(
        visits.c.person == person, visits.c.last_at > now - RECENT
    )
    for row in connection.execute(recent.order_by(visits.c.visit)).all():
        add_event(connection, row.store, "visit.revised", now, {"visit": row.visit})
    member_changed(connection, now)


def member_of(connection: sa.Connection, person: int) -> str | None:
    """Return the member who the person is."""
    query = sa.select(members.c.member_id).where(members.c.person == person)
    member_id: str | None = connection.execute(query).scalar()
    return member_id


def move_member(connection: sa.Connection, member_id: str, person: int) -> None:
    """Make a member's profile that of another person."""
    this = members.c.member_id == member_id
    connection.execute(sa.update(members).where(this).values(person=person))


def refresh_person(connection: sa.Connection, ledger: Ledger, person: int) -> None:
    """Bring what a person is in line with profile and FaceIds, and restate the visits."""
    tags = connection.execute(sa.select(members.c.tags).where(members.c.person == person)).scalar()
    named = sa.exists().where(identities.c.person == person, identities.c.kind == "member")
    is_member = tags is not None or connection.execute(sa.select(named)).scalar_one()
    values = {"member": bool(is_member), "staff": is_staff(tags or [])}
    connection.execute(sa.update(persons).where(persons.c.person == person).values(values))
    ledger.restate(person)


def ensure_person(connection: sa.Connection, face: FacePair, now: int) -> int:
    """Return whose a FaceId is; one that was never seen is a person of its own."""
    known = known_person(connection, face)
    if known is not None:
        return known
    minted = face[1].startswith(MINTED_PREFIX)
    key = connection.execute(sa.insert(persons).values(member=not minted, staff=False))
    assert key.inserted_primary_key is not None
    add_identity(connection, face, key.inserted_primary_key[0], now)
    return known_person(connection, face) or key.inserted_primary_key[0]


def add_identity(connection: sa.Connection, face: FacePair, person: int, now: int) -> None:
    """Make a FaceId that was never seen that of a person."""
    statement = insert_into(connection, identities).values(
        store=face[0],
        face_id=face[1],
        person=person,
        kind="visitor" if face[1].startswith(MINTED_PREFIX) else "member",
        provisional=False,
        first_seen=now,
        last_seen=now,
    )
    connection.execute(statement.on_conflict_do_nothing())


def _is(face: FacePair) -> sa.ColumnElement[bool]:
    return (identities.c.store == face[0]) & (identities.c.face_id == face[1])
