"""Who was recognised becomes a visit, on disk before the camera gets its answer."""

from contract.deadline import Deadline
from gateway.clock.store_clock import milliseconds
from gateway.metrics import Metrics
from gateway.recognition.camera_request import CameraRequest
from gateway.recognition.capture_time import Captured
from gateway.recognition.member_names import MemberNames
from gateway.recognition.recognition import Recognition
from gateway.record.database import Database
from gateway.record.visits.answers import Claim
from gateway.record.visits.frames import Frame, record_answer

_RECORD_SECONDS = 2.0
"""How long the record may take at least."""


class Visits:
    """Answers cameras, and keeps who came."""

    def __init__(
        self,
        recognition: Recognition,
        database: Database,
        names: MemberNames,
        metrics: Metrics,
    ) -> None:
        self._recognition = recognition
        self._names = names
        self._database = database
        self._metrics = metrics

    async def receive(
        self, request: CameraRequest, captured: Captured, counts: bool, claim: Claim | None
    ) -> bytes:
        """Return the answer to a camera as JSON.

        Unless it does not count, those with a FaceId are visits in it, and stored. With `claim`
        the answer is stored too. Raises StorageError when that cannot be: no visit is claimed
        then, and the camera sends the frame again.
        """
        answer = await self._recognition.recognize(request)
        answer = answer.model_copy(
            update={
                "captured_at": captured.at.isoformat(timespec="milliseconds"),
                "clock_ahead": captured.clock_ahead,
                "faces": await self._names.recognized(answer.faces, request.deadline),
            }
        )
        visits = counts and any(face.face_id is not None for face in answer.faces)
        if not visits and claim is None:
            return answer.model_dump_json().encode()
        frame = _frame(request, captured) if visits else None
        # Who is in a hurry gets what was found by then; a moment to store it is left in any case.
        deadline = Deadline(max(request.deadline.left, _RECORD_SECONDS))
        with self._metrics.stage("record"):
            return await self._database.write_small(deadline, record_answer, frame, answer, claim)


def _frame(request: CameraRequest, captured: Captured) -> Frame:
    return Frame(
        store=request.home.id,
        timezone=request.home.timezone,
        visit_gap=request.home.visit_gap,
        at=milliseconds(captured.at),
        now=milliseconds(captured.now),
        camera=request.camera,
        track=request.track,
    )
