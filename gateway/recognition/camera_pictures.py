"""Where a camera's picture comes in: it is recognized, recorded as visits, and answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from contract.deadline import Deadline
from contract.errors import FacegateError
from contract.stores.store_map import Store
from gateway.camera_watch.agent import Agent
from gateway.camera_watch.camera_places import CameraPlace, CameraPlaces
from gateway.camera_watch.camera_watch import CameraWatch
from gateway.clock.store_clock import milliseconds
from gateway.metrics import GatewayMetrics
from gateway.recognition.camera_request import CameraRequest
from gateway.recognition.capture_time import CaptureTime
from gateway.recognition.learning import Learning
from gateway.recognition.member_names import MemberNames
from gateway.recognition.recognition import Recognition
from gateway.record.database import Database
from gateway.record.visits.frame import Frame
from gateway.record.visits.frames import record_answer
from gateway.record.visits.idempotency_keys import KeyLease

_RECORD_SECONDS = 2.0
"""How long the record may take at least."""


class CameraPictures:
    """Recognizes who is in a camera's picture, and records who came before it answers."""

    def __init__(
        self,
        recognition: Recognition,
        database: Database,
        names: MemberNames,
        metrics: GatewayMetrics,
        learning: Learning,
        *,
        places: CameraPlaces,
        watch: CameraWatch,
        quiet: timedelta,
    ) -> None:
        """`quiet` is how long a track is waited for that may show more of its person."""
        self._places = places
        self._watch = watch
        self._recognition = recognition
        self._names = names
        self._database = database
        self._metrics = metrics
        self._learning = learning
        self._quiet = quiet

    async def receive(
        self, request: CameraRequest, capture_time: CaptureTime, lease: KeyLease | None
    ) -> bytes:
        """Return the answer to a camera as JSON.

        Faces with a FaceId become visits, and are stored before this returns, unless the request
        does not count. With a `lease` of the frame's key the answer is stored, too. Raises
        TooManyPictures, ShardError when nobody can encode the picture, and StorageError when
        nothing can be stored: the camera sends the frame again then.
        """
        place = CameraPlace(request.home.id, request.camera, request.address)
        with self.watching(request.home, request.camera, request.agent), self._places.taken(place):
            return await self._received(request, capture_time, lease)

    @contextmanager
    def watching(self, home: Store, camera: str | None, agent: Agent) -> Iterator[None]:
        """Note of a camera what its frame is refused with within the block."""
        try:
            yield
        except FacegateError as error:
            self._watch.refused(home.id, camera, error.code, agent)
            raise

    async def _received(
        self, request: CameraRequest, capture_time: CaptureTime, lease: KeyLease | None
    ) -> bytes:
        frame = self._frame(request, capture_time) if request.counts else None
        recognized = await self._recognition.recognize(request, frame)
        answer = recognized.answer
        answer = answer.model_copy(
            update={
                "captured_at": capture_time.at.isoformat(timespec="milliseconds"),
                "clock_ahead": capture_time.clock_ahead,
                "faces": await self._names.recognized(answer.faces, request.deadline),
            }
        )
        self._watch.frame(
            request.home.id,
            request.camera,
            answer.faces,
            taken_at=capture_time.at,
            ahead=capture_time.ahead,
            agent=request.agent,
        )
        if frame is not None:
            frame = replace(frame, pending=recognized.pending)
            if all(face.match == "unknown" and not face.unfit for face in answer.faces):
                frame = None
        if frame is None and lease is None:
            return answer.model_dump_json().encode()
        # Who is in a hurry gets what was found by then; a moment to store it is left in any case.
        deadline = Deadline(max(request.deadline.left, _RECORD_SECONDS))
        with self._metrics.stage("record"):
            recorded = await self._database.write_grouped(
                deadline, record_answer, frame, answer, lease
            )
        self._learning.offer(request.home, recorded.faces)
        return recorded.body

    def _frame(self, request: CameraRequest, capture_time: CaptureTime) -> Frame:
        return Frame(
            store=request.home.id,
            timezone=request.home.timezone,
            visit_gap=request.home.visit_gap,
            at=milliseconds(capture_time.at),
            now=milliseconds(capture_time.now),
            camera=request.camera,
            track=request.track,
            quiet=self._quiet,
            counts_unfit=request.mint and request.home.count_unfit == "visits",
        )
