"""Anonymizing: who came is deleted, and the visits stay, so that every count is what it was."""

from collections.abc import Sequence

import sqlalchemy as sa

from gateway.record.people.card_events import add_revised_events, recent_visits
from gateway.record.people.face_pair import FacePair
from gateway.record.people.identities import refresh_person, split_face
from gateway.record.people.members import faces_of
from gateway.record.people.merge_history import delete_merges_of, remove_from_merges
from gateway.record.people.persons import erase_person, lock_persons
from gateway.record.people.redaction import redact_answers
from gateway.record.people.schema import distinctions, face_tasks, members
from gateway.record.visits.ledger import Ledger
from gateway.record.visits.schema import tracks


def anonymize_face(connection: sa.Connection, person: int, face: FacePair, now: int) -> None:
    """Anonymize one FaceId of a person; with the last one the person is anonymized."""
    bound = sa.exists().where(members.c.person == person)
    if faces_of(connection, person) == [face] and not connection.scalar(sa.select(bound)):
        anonymize_person(connection, person, [face], now)
        return
    remove_from_merges(connection, person, face)
    with Ledger(connection) as ledger:
        alone = split_face(connection, ledger, face, person)
        refresh_person(connection, ledger, person)
    anonymize_person(connection, alone, [face], now)


def anonymize_person(
    connection: sa.Connection, person: int, faces: Sequence[FacePair], now: int
) -> None:
    """Delete a person and everything that names their FaceIds; the visits stay without a person."""
    lock_persons(connection, person)
    recent = recent_visits(connection, person, now=now)
    redact_answers(connection, faces)
    for table, store, face_id in (
        (tracks, tracks.c.home_store, tracks.c.face_id),
        (face_tasks, face_tasks.c.store, face_tasks.c.face_id),
        (distinctions, distinctions.c.store, distinctions.c.face_id),
        (distinctions, distinctions.c.other_store, distinctions.c.other_face_id),
    ):
        gone = sa.tuple_(store, face_id).in_(faces)
        connection.execute(sa.delete(table).where(gone))
    delete_merges_of(connection, person)
    erase_person(connection, person)
    add_revised_events(connection, recent, now)
