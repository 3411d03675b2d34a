"""Binding FaceIds to members, with the history of their visits, and unbinding them."""

from collections.abc import Sequence

import sqlalchemy as sa

from contract.errors import AlreadyBound, UnknownFace
from contract.messages.members import MemberDraft
from gateway.record.people.binding_updates import enqueue_bindings
from gateway.record.people.card_events import add_card_events, lock_for_card_events
from gateway.record.people.face_pair import FacePair
from gateway.record.people.identities import add_identity, find_person, refresh_person, split_face
from gateway.record.people.members import (
    faces_of,
    faces_of_member,
    find_member_of,
    person_of_member,
    put_member,
)
from gateway.record.people.persons import merge_persons
from gateway.record.people.schema import enrollments, identities
from gateway.record.visits.ledger import Ledger


def bind_face(connection: sa.Connection, member_id: str, face: FacePair, now: int) -> None:
    """Bind a FaceId, and the person who it is, to a member.

    Raises UnknownMember, and AlreadyBound when it is another member.
    """
    into = person_of_member(connection, member_id)
    source = find_person(connection, face) or into
    lock_for_card_events(connection, into, source, now=now)
    owner = find_member_of(connection, source)
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
    enqueue_bindings(connection, [face] if source == into else faces, now)
    add_card_events(connection, into, now)


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
    bind_faces(connection, member_id, faces, now)
    return created


def bind_faces(
    connection: sa.Connection, member_id: str, faces: Sequence[FacePair], now: int
) -> None:
    """Bind those of the FaceIds that are not the member's yet. Raises what `bind_face` raises."""
    theirs = faces_of_member(connection, member_id)
    for face in faces:
        if face not in theirs:
            bind_face(connection, member_id, face, now)


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
    add_card_events(connection, person, now)


def check_not_promised(
    connection: sa.Connection, faces: Sequence[FacePair], member_id: str | None
) -> None:
    """Raise AlreadyBound when an enrolment is about to make one of `faces` another member's.

    When `member_id` is None, any member is another one.
    """
    promised = sa.select(enrollments.c.face_id, enrollments.c.member_id).where(
        sa.tuple_(enrollments.c.store, enrollments.c.face_id).in_(faces),
        enrollments.c.member_id != member_id,
    )
    if row := connection.execute(promised).first():
        raise AlreadyBound(
            f"the FaceId {row.face_id!r} is being enrolled for member {row.member_id!r}"
        )
