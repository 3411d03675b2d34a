"""Recording a frame: who was seen in it becomes visits, in one transaction with its answer."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from contract.messages.recognition import RecognizeAnswer, RecognizedFace
from gateway.record.people.current_names import with_current_names
from gateway.record.people.redaction import without_erased
from gateway.record.store_locks import lock_stores
from gateway.record.visits.frame import Frame
from gateway.record.visits.frame_visits import FrameVisits
from gateway.record.visits.idempotency_keys import KeyLease, store_answer
from gateway.record.visits.ledger import Ledger
from gateway.record.visits.unfit_faces import count_unfit
from gateway.record.visits.visit import VisitRow
from gateway.record.visits.visit_marks import marked


class RecordedAnswer(NamedTuple):
    """An answer as JSON, and its faces with the visits that they are part of."""

    body: bytes
    faces: Sequence[RecognizedFace]


def record_answer(
    connection: sa.Connection, frame: Frame | None, answer: RecognizeAnswer, lease: KeyLease | None
) -> RecordedAnswer:
    """Store who was seen in `frame`, and the answer for `lease`.

    Faces that nobody would know again are counted, too.
    """
    if frame is not None:
        faces = record_frame(connection, frame, answer.faces)
        count_unfit(connection, frame, faces)
    else:
        faces = without_erased(connection, answer.faces, since=0)
    answer = answer.model_copy(update={"faces": faces})
    body = answer.model_dump_json().encode()
    if lease is not None:
        store_answer(connection, lease, body)
    return RecordedAnswer(body, faces)


def record_frame(
    connection: sa.Connection, frame: Frame, faces: Sequence[RecognizedFace]
) -> list[RecognizedFace]:
    """Store who was seen, and return the faces with the visits that they are part of.

    Faces without a FaceId are no visits, unless they wait for one, or the store counts them so.
    """
    lock_stores(connection, frame.store)
    faces = with_current_names(connection, without_erased(connection, faces, frame.now), frame.now)
    known = [
        place
        for place, face in enumerate(faces)
        if face.match != "unknown" or frame.is_unfit_visit(face)
    ]
    recorded: dict[int, tuple[VisitRow, bool]] = {}
    with Ledger(connection) as ledger:
        visits = FrameVisits(connection, ledger, frame)
        # In the order of their names: two transactions that lock the same persons do not cross.
        for place in sorted(known, key=lambda place: _name(faces[place])):
            of_track = faces[place].track is not None
            recorded[place] = visits.record(faces[place], frame.track_key if of_track else None)
    answered = list(faces)
    for place, (visit, new) in recorded.items():
        answered[place] = marked(connection, faces[place], visits.current_number(visit), new)
    return answered


def _name(face: RecognizedFace) -> tuple[str, str]:
    return face.store or "", face.face_id or ""
