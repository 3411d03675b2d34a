"""From a camera's picture to who is standing there: look, ask the other stores, name strangers."""

import logging
import time
from collections.abc import Iterable

from contract.messages.face import Candidate
from contract.messages.recognition import RecognizeAnswer, RecognizedFace, Timing
from contract.messages.shard_answers import ShardFace
from gateway.metrics import Metrics
from gateway.recognition.camera_request import CameraRequest
from gateway.recognition.distinctions import Distinctions
from gateway.recognition.false_rates import Rates, Strictness
from gateway.recognition.fan_out import FanOut, FanOutResult, Terms
from gateway.recognition.home_store import Lookout, Sight
from gateway.recognition.identity import doubted_face, home_face, missed_face
from gateway.recognition.minting import Minting
from service import request_id

log = logging.getLogger(__name__)


class Recognition:
    """Answers cameras."""

    def __init__(
        self,
        strictness: Strictness,
        lookout: Lookout,
        fan_out: FanOut,
        *,
        minting: Minting,
        distinctions: Distinctions,
        metrics: Metrics,
    ) -> None:
        self._strictness = strictness
        self._lookout = lookout
        self._fan_out = fan_out
        self._minting = minting
        self._distinctions = distinctions
        self._metrics = metrics

    async def recognize(self, request: CameraRequest) -> RecognizeAnswer:
        """Return who is in the picture. Raises ShardError when nobody can encode it."""
        started = time.perf_counter()
        rates = self._strictness.split(request.home, request.others)
        sight = await self._lookout.look(request, rates.home)
        home_seconds = time.perf_counter() - started
        found = await self._search_elsewhere(request, sight, rates)
        identified = await self._identify(request, sight, found)
        if sight.missed and request.mint and not sight.failure:
            identified, failure = await self._minting.name(
                request,
                sight.missed,
                identified,
                provisional=bool(found.failed),
                rate=rates.home,
            )
            found = found.with_failure(request.home.id, failure) if failure else found
        answer = RecognizeAnswer(
            store=request.home.id,
            faces=_all_faces(request, sight, identified),
            coverage=found.coverage,
            timing_ms=Timing(
                encode=round(sight.encode_ms, 2),
                home=_ms(home_seconds),
                fan_out=_ms(found.seconds),
                total=_ms(time.perf_counter() - started),
            ),
            request_id=request_id.current.get(),
        )
        self._report(request, answer)
        return answer

    async def _search_elsewhere(
        self, request: CameraRequest, sight: Sight, rates: Rates
    ) -> FanOutResult:
        """Search what home missed; home itself counts as asked in any case.

        What home did not look at may spend the whole rate in the other stores.
        """
        found = FanOutResult()
        if sight.missed:
            rate = request.home.threshold if sight.failure else rates.others
            terms = Terms(max(1, request.candidates), lambda store: rate, rates.templates)
            found = await self._fan_out.search(
                request.others, sight.missed, terms, request.deadline
            )
        return found.with_home(request.home.id, sight.failure)

    async def _identify(
        self, request: CameraRequest, sight: Sight, found: FanOutResult
    ) -> list[RecognizedFace]:
        """Return the faces that the other stores were asked about, as who they are."""
        still_open = [face for face in sight.faces if face.is_open]
        return [
            _identified(face, request, await self._respected(request, face, elsewhere), needed)
            for face, elsewhere, needed in zip(
                still_open, found.candidates, found.thresholds, strict=True
            )
        ]

    async def _respected(
        self, request: CameraRequest, face: ShardFace, elsewhere: list[Candidate]
    ) -> list[Candidate]:
        """Return the other stores' candidates, without those whom home's visitor is not."""
        if face.match == "unknown" or face.face_id is None:
            return elsewhere
        own = (request.home.id, face.face_id)
        return await self._distinctions.respected(own, elsewhere, request.deadline)

    def _report(self, request: CameraRequest, answer: RecognizeAnswer) -> None:
        self._metrics.recognized(answer)
        matches = [face.match for face in answer.faces]
        log.info(
            "recognised in %s: %s",
            answer.store,
            ", ".join(matches) or "no face",
            extra={"store": answer.store, "camera": request.camera, "matches": matches},
        )


def _all_faces(
    request: CameraRequest, sight: Sight, identified: Iterable[RecognizedFace]
) -> list[RecognizedFace]:
    """Return all faces in the order of the picture."""
    rest = iter(identified)
    return [
        next(rest) if face.is_open else home_face(face, request.home.id) for face in sight.faces
    ]


def _identified(
    face: ShardFace, request: CameraRequest, elsewhere: list[Candidate], needed: float | None
) -> RecognizedFace:
    """Return who a face is that the other stores were asked about."""
    if face.match == "unknown":
        return missed_face(face, elsewhere, needed, request.candidates)
    return doubted_face(face, request.home.id, elsewhere, needed, request.candidates)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
