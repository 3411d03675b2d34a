"""Renames of FaceIds: first in their shard, then in everything that the record has.

A rename is stored before the shard gets it, and stays pending until the record has followed, even
when the gateway is restarted in between.
"""

import sqlalchemy as sa

from contract.errors import Conflict, FaceExists
from gateway.record.audit.subject_names import rename_subject
from gateway.record.people.card_events import add_card_events, lock_for_card_events
from gateway.record.people.current_names import check_name_not_in_transit
from gateway.record.people.face_pair import FacePair, matches
from gateway.record.people.identities import find_person
from gateway.record.people.merge_history import rename_in_merges
from gateway.record.people.persons import lock_persons, move_faces
from gateway.record.people.redaction import rename_in_answers
from gateway.record.people.rename_updates import FaceRename, is_pending_rename
from gateway.record.people.schema import (
    distinctions,
    enrollments,
    erasure_parts,
    face_tasks,
    identities,
    merges,
    renames,
)
from gateway.record.visits.ledger import Ledger
from gateway.record.visits.schema import tracks, visits


def add_rename(connection: sa.Connection, face: FacePair, name: str, now: int) -> int:
    """Store that a FaceId is to get a name, and return the number of the rename.

    Raises FaceExists when the record knows the name, Conflict when one of the two is being erased
    or renamed, or was merged into another FaceId, which can be undone, and when another FaceId gave
    the name up just now.
    """
    new = (face[0], name)
    if find_person(connection, new) is not None:
        raise FaceExists(f"there was a FaceId {name!r} in {face[0]} already")
    for pair in (face, new):
        _check_unaffected(connection, pair)
    check_name_not_in_transit(connection, new, now, whose=face[1])
    values = {"store": face[0], "face_id": face[1], "new_face_id": name, "at": now}
    key = connection.execute(sa.insert(renames).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _check_unaffected(connection: sa.Connection, face: FacePair) -> None:
    merged = (merges.c.from_store == face[0]) & (merges.c.from_face_id == face[1])
    named = (renames.c.face_id == face[1]) | (renames.c.new_face_id == face[1])
    for query, what in (
        (
            sa.select(erasure_parts.c.store).where(
                matches(erasure_parts, face), erasure_parts.c.confirmed_at.is_(None)
            ),
            "is being erased",
        ),
        (
            sa.select(merges.c.merge).where(merged, merges.c.undone_at.is_(None)),
            "was merged into another FaceId, which can be undone",
        ),
        (
            sa.select(enrollments.c.enrollment).where(matches(enrollments, face)),
            "is being enrolled",
        ),
        (
            sa.select(renames.c.rename).where(
                renames.c.store == face[0], named, is_pending_rename()
            ),
            "is being renamed",
        ),
    ):
        if connection.execute(query).first() is not None:
            raise Conflict(f"{face[1]!r} {what}")


def apply_rename(connection: sa.Connection, task: FaceRename, now: int) -> None:
    """Rename a FaceId in the whole record, after its shard."""
    face, new = (task.store, task.face_id), (task.store, task.name)
    person = find_person(connection, face)
    lock_for_card_events(connection, *([] if person is None else [person]), now=now)
    if person is not None:
        rename_in_merges(connection, person, face, new)
        _rename_person(connection, person, face, new)
    for store, face_id in (
        (visits.c.home_store, visits.c.face_id),
        (tracks.c.home_store, tracks.c.face_id),
        (face_tasks.c.store, face_tasks.c.face_id),
        (distinctions.c.store, distinctions.c.face_id),
        (distinctions.c.other_store, distinctions.c.other_face_id),
    ):
        altered = sa.update(store.table).where(store == face[0], face_id == face[1])
        connection.execute(altered.values({face_id.name: new[1]}))
    rename_in_answers(connection, face, new[1])
    rename_subject(connection, face, new[1])
    this = sa.update(renames).where(renames.c.rename == task.number)
    connection.execute(this.values(done_at=now))
    if person is not None:
        add_card_events(connection, find_person(connection, new) or person, now=now)


def _rename_person(connection: sa.Connection, person: int, face: FacePair, new: FacePair) -> None:
    """Rename an identity, or join it with one that got the new name meanwhile."""
    now_known = find_person(connection, new)
    mine = matches(identities, face)
    if now_known is None:
        connection.execute(sa.update(identities).where(mine).values(face_id=new[1]))
        return
    if now_known != person:
        with Ledger(connection) as ledger:
            lock_persons(connection, person, now_known)
            move_faces(connection, ledger, [face], source=person, into=now_known)
    connection.execute(sa.delete(identities).where(mine))
