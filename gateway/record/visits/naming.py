"""Naming visits that waited for a FaceId, after their track has gone quiet."""

import sqlalchemy as sa

from contract.messages.recognition import RecognizedFace
from gateway.record.feed.event_log import add_event
from gateway.record.people.current_names import with_current_names
from gateway.record.people.persons import erase_person
from gateway.record.people.redaction import without_erased
from gateway.record.store_locks import lock_stores
from gateway.record.visits.frame import Frame
from gateway.record.visits.frame_visits import FrameVisits
from gateway.record.visits.ledger import Ledger, visit_of
from gateway.record.visits.pending_visits import delete_pending, is_pending
from gateway.record.visits.schema import visits
from gateway.record.visits.visit import VisitRow


def name_pending_visit(
    connection: sa.Connection, frame: Frame, number: int, face: RecognizedFace
) -> None:
    """Make a pending visit that of `face`, as the store has named it since the moment `frame.now`.

    Who was erased meanwhile is nobody. Nothing changes when the visit is not pending any more.
    """
    lock_stores(connection, frame.store)
    visit = _pending_visit(connection, number)
    if visit is None or visit.person is None:
        return
    faces = without_erased(connection, [face], frame.now)
    [face] = with_current_names(connection, faces, frame.now)
    if face.face_id is None:
        erase_person(connection, visit.person)
        _add_event(connection, frame, number)
        return
    with Ledger(connection) as ledger:
        FrameVisits(connection, ledger, frame).name(visit, face)


def give_up_pending_visit(connection: sa.Connection, frame: Frame, number: int) -> None:
    """Leave a pending visit without a FaceId for ever: its store cannot read what it waits with."""
    lock_stores(connection, frame.store)
    if is_pending(connection, number):
        delete_pending(connection, number)
        _add_event(connection, frame, number)


def _pending_visit(connection: sa.Connection, number: int) -> VisitRow | None:
    """Return a visit that waits for a FaceId; None when it does not."""
    if not is_pending(connection, number):
        return None
    row = connection.execute(sa.select(visits).where(visits.c.visit == number)).first()
    if row is None or row.face_id is not None:
        delete_pending(connection, number)  # a gateway of an older release has named it
        return None
    return visit_of(row)


def _add_event(connection: sa.Connection, frame: Frame, number: int) -> None:
    add_event(connection, frame.store, "visit.revised", frame.now, {"visit": number})
