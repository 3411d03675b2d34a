"""Erasing people: at once in the record, and noted for every shard until it has confirmed."""

import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from gateway.record.audit.subject_names import redact
from gateway.record.people.erasure.anonymization import anonymize_face, anonymize_person
from gateway.record.people.face_pair import FacePair
from gateway.record.people.identities import find_person
from gateway.record.people.members import (
    add_member_event,
    delete_member_rows,
    faces_of,
    person_of_member,
)
from gateway.record.people.schema import erasure_parts, erasures, renames
from gateway.record.scope import CHAIN
from gateway.record.store_locks import lock_stores

ALL_FACES_OF_MEMBER = ""
"""Stands, as a `face_id`, for all FaceIds of a member that the shard has."""


def erase_member(
    connection: sa.Connection, member_id: str, stores: Collection[str], now: int
) -> str:
    """Erase a member and all their FaceIds, and return the erasure. Raises UnknownMember.

    Every one of `stores` has to confirm: its shard may know FaceIds that the record does not.
    """
    person = person_of_member(connection, member_id)
    faces = faces_of(connection, person)
    lock_stores(connection, CHAIN, *stores, *(store for store, _ in faces))
    faces = faces_of(connection, person)
    parts = [*faces, *((store, ALL_FACES_OF_MEMBER) for store in sorted(stores))]
    erasure = add_erasure(connection, "member", member_id, parts, now)
    delete_member_rows(connection, member_id)
    anonymize_person(connection, person, faces, now)
    add_member_event(connection, now)
    return erasure


def erase_faces(
    connection: sa.Connection,
    cause: str,
    faces: Sequence[FacePair],
    stores: Collection[str],
    now: int,
) -> str:
    """Erase FaceIds, whoever they are, and return the erasure."""
    lock_stores(connection, CHAIN, *stores, *(store for store, _ in faces))
    erasure = add_erasure(connection, cause, None, faces, now)
    for face in faces:
        person = find_person(connection, face)
        if person is not None:
            anonymize_face(connection, person, face, now)
    if cause == "face":
        add_member_event(connection, now)
    return erasure


def is_known_to_record(connection: sa.Connection, face: FacePair) -> bool:
    """Return whether the record knows the FaceId."""
    return find_person(connection, face) is not None


def add_erasure(
    connection: sa.Connection,
    cause: str,
    member_id: str | None,
    parts: Sequence[FacePair],
    now: int,
) -> str:
    erasure = uuid.uuid4().hex
    values = {"erasure": erasure, "cause": cause, "member_id": member_id, "requested_at": now}
    done = None if parts else now
    connection.execute(sa.insert(erasures).values(completed_at=done, **values))
    named = [*parts, *_names_being_given(connection, parts)]
    rows = [{"erasure": erasure, "store": store, "face_id": face_id} for store, face_id in named]
    if rows:
        connection.execute(sa.insert(erasure_parts), rows)
    redact(connection, erasure, member_id, named)
    return erasure


def _names_being_given(connection: sa.Connection, parts: Sequence[FacePair]) -> list[FacePair]:
    """Return the new names of FaceIds that are being renamed: the shard may use these already."""
    query = sa.select(renames.c.store, renames.c.face_id, renames.c.new_face_id).where(
        renames.c.done_at.is_(None), renames.c.refusal.is_(None)
    )
    pairs = set(parts)
    return [
        (store, name)
        for store, face_id, name in connection.execute(query)
        if (store, face_id) in pairs and (store, name) not in pairs
    ]
