"""Visits of which it is sure who came teach FaceIds how people look, beside the cameras' answers.

A lesson that is lost costs nothing but what it would have taught: none is kept for later, none is
tried again, and no camera waits for one.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from contract.deadline import Deadline
from contract.errors import BadVectors, ShardError
from contract.messages.lesson import Lesson
from contract.messages.recognition import RecognizedFace
from contract.stores.store_map import Store
from contract.vectors import from_text, pack
from gateway.chain.face_vectors import FaceVectors
from gateway.chain.shards import Shards
from gateway.metrics import GatewayMetrics

log = logging.getLogger(__name__)

MOST_WAITING = 256
"""Lessons at once, about 1 kB each; what comes when so many wait is dropped, and counted."""
_SECONDS = 5.0


@dataclass(frozen=True)
class TaughtVisit:
    """A lesson, and the visit that it is from: to `face_id` of the store where it was seen."""

    store: Store
    face_id: str
    visit: str
    lesson: Lesson


class Learning:
    """Tells the stores' writing shards what visits have taught. `run` is its background work."""

    def __init__(
        self, shards: Shards, metrics: GatewayMetrics, most_waiting: int = MOST_WAITING
    ) -> None:
        self._shards = shards
        self._metrics = metrics
        self._waiting: asyncio.Queue[TaughtVisit] = asyncio.Queue(most_waiting)

    def offer(self, store: Store, faces: Iterable[RecognizedFace]) -> None:
        """Take the lessons of faces that are recorded as visits, as far as there is room."""
        for face in faces:
            for lesson in (face.lesson, face.second_lesson):
                if lesson is None or face.visit is None or face.face_id is None:
                    continue
                try:
                    self._waiting.put_nowait(
                        TaughtVisit(store, face.face_id, face.visit.id, lesson)
                    )
                except asyncio.QueueFull:
                    self._metrics.taught("dropped")

    async def run(self) -> None:
        """Deliver lessons, one after the other, for ever."""
        while True:
            await self._teach(await self._waiting.get())

    async def _teach(self, taught: TaughtVisit) -> None:
        store, lesson = taught.store, taught.lesson
        try:
            vector = pack(from_text(lesson.vector))
            answer = await self._shards.learn(
                store,
                taught.face_id,
                FaceVectors(vector, [lesson.frames], lesson.model),
                visit=taught.visit,
                quality=lesson.quality,
                deadline=Deadline(_SECONDS),
            )
        except (ShardError, BadVectors) as error:
            log.info("%s of %s has not learned: %s", taught.face_id, store.id, error)
            self._metrics.taught("failed")
        else:
            self._metrics.taught("learned" if answer.learned else "refused")
