"""Binding FaceIds to members, with the history of their visits, and unbinding them."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from contract.errors import AlreadyBound, UnknownFace
from contract.messages.members import MemberDraft
from gateway.record.people.binding_updates import enqueue_bindings
from gateway.record.people.card_events import add_card_events, lock_for_card_events
from gateway.record.people.face_pair import FacePair
from gateway.record.people.identities import (
    add_identities,
    find_person,
    find_persons,
    refresh_person,
    split_face,
)
from gateway.record.people.members import (
    faces_of,
    faces_of_members,
    find_member_of,
    person_of_member,
    persons_of_members,
    put_member,
)
from gateway.record.people.persons import merge_persons
from gateway.record.people.schema import enrollments, identities
from gateway.record.visits.ledger import Ledger


def bind_face(connection: sa.Connection, member_id: str, face: FacePair, now: int) -> None:
    """Bind a FaceId, and the person who it is, to a member.

    Raises UnknownMember, and AlreadyBound when it is another member.
    """
    _bind(connection, {face: member_id}, now)


def put_with_faces(
    connection: sa.Connection,
    member_id: str,
    draft: MemberDraft,
    faces: Sequence[FacePair],
    now: int,
    *,
    by: str | None = None,
) -> bool:
    """Write a member's profile and bind FaceIds; return whether the member is new.

    Raises AlreadyBound when a FaceId is another member's, and what `put_member` raises.
    """
    created = put_member(connection, member_id, draft, now, by=by)
    bind_faces(connection, {member_id: faces}, now)
    return created


def bind_faces(
    connection: sa.Connection, faces: Mapping[str, Sequence[FacePair]], now: int
) -> None:
    """Bind those FaceIds of members that are not theirs yet; none is given for two of them.

    Raises what `bind_face` raises.
    """
    theirs = faces_of_members(connection, faces)
    new = {
        face: member_id
        for member_id, wanted in faces.items()
        for face in wanted
        if face not in theirs[member_id]
    }
    if new:
        _bind(connection, new, now)


def _bind(connection: sa.Connection, members: Mapping[FacePair, str], now: int) -> None:
    """Bind FaceIds, each to its member: at once those that the record does not know."""
    into = persons_of_members(connection, members.values())
    known = find_persons(connection, members)
    people = set(into.values())
    lock_for_card_events(connection, *people, *known.values(), now=now)
    check_not_promised(connection, members)
    new = {face: into[name] for face, name in members.items() if face not in known}
    add_identities(connection, new, now)
    found = find_persons(connection, members)  # others may have been faster
    told = set(members)
    for face, member_id in members.items():
        person = into[member_id]
        if found[face] != person and _merge(connection, face, member_id, person, now):
            told |= set(faces_of(connection, person))
    theirs = sa.update(identities).where(identities.c.person.in_(people))
    connection.execute(theirs.values(kind="member", provisional=False))
    enqueue_bindings(connection, told, now)
    add_card_events(connection, *people, now=now)


def _merge(connection: sa.Connection, face: FacePair, member_id: str, into: int, now: int) -> bool:
    """Make who a FaceId is the member's person `into`; return False where they are that already.

    Raises AlreadyBound when it is another member.
    """
    source = find_person(connection, face)
    if source is None or source == into:
        return False
    owner = find_member_of(connection, source)
    if owner is not None:
        raise AlreadyBound(f"the FaceId {face[1]!r} of {face[0]} is bound to member {owner!r}")
    check_not_promised(connection, dict.fromkeys(faces_of(connection, source), member_id))
    with Ledger(connection) as ledger:
        merge_persons(connection, ledger, into=into, source=source, cause="bound", at=now)
        refresh_person(connection, ledger, into)
    return True


def unbind_face(connection: sa.Connection, member_id: str, face: FacePair, now: int) -> None:
    """Unbind a FaceId: it becomes a person of its own, with the visits that it was seen in.

    Raises UnknownMember, and UnknownFace when it is not the member's.
    """
    person = person_of_member(connection, member_id)
    lock_for_card_events(connection, person, now=now)
    if find_person(connection, face) != person:
        raise UnknownFace(f"the FaceId {face[1]!r} of {face[0]} is not bound to {member_id!r}")
    with Ledger(connection) as ledger:
        split_face(connection, ledger, face, person)
        refresh_person(connection, ledger, person)
    enqueue_bindings(connection, [face], now)
    add_card_events(connection, person, now=now)


def check_not_promised(connection: sa.Connection, members: Mapping[FacePair, str | None]) -> None:
    """Raise AlreadyBound when an enrolment is about to make a FaceId another member's.

    Each FaceId comes with its member; where that is None, any member is another one.
    """
    promised = sa.select(enrollments.c.store, enrollments.c.face_id, enrollments.c.member_id)
    pair = sa.tuple_(enrollments.c.store, enrollments.c.face_id)
    for store, face_id, promised_to in connection.execute(promised.where(pair.in_(members))):
        if members[store, face_id] != promised_to:
            raise AlreadyBound(
                f"the FaceId {face_id!r} is being enrolled for member {promised_to!r}"
            )
