"""Who is in a camera's picture: ask home, then the other stores, then give strangers FaceIds."""

import logging
import time
from collections.abc import Iterable

from contract.messages.face import Candidate
from contract.messages.recognition import RecognizeAnswer, RecognizedFace, Timing
from contract.messages.shard_answers import Needed, ShardFace
from gateway.metrics import GatewayMetrics
from gateway.recognition.camera_request import CameraRequest
from gateway.recognition.distinctions import Distinctions
from gateway.recognition.false_rates import FalseRates, RateSplit
from gateway.recognition.fan_out import FanOut, FanOutOptions, FanOutResult
from gateway.recognition.home_store import HomeAnswer, HomeStore
from gateway.recognition.identity import doubted_face, home_face, unmatched_face
from gateway.recognition.minting import Minting
from service import request_id

log = logging.getLogger(__name__)


class Recognition:
    """Recognizes the faces of cameras' pictures, in the whole chain."""

    def __init__(
        self,
        false_rates: FalseRates,
        home_store: HomeStore,
        fan_out: FanOut,
        *,
        minting: Minting,
        distinctions: Distinctions,
        metrics: GatewayMetrics,
    ) -> None:
        self._false_rates = false_rates
        self._home_store = home_store
        self._fan_out = fan_out
        self._minting = minting
        self._distinctions = distinctions
        self._metrics = metrics

    async def recognize(self, request: CameraRequest) -> RecognizeAnswer:
        """Return who is in the picture. Raises ShardError when nobody can encode it."""
        started = time.perf_counter()
        rates = self._false_rates.split(request.home, request.others)
        home = await self._home_store.recognize(request, rates.home)
        home_seconds = time.perf_counter() - started
        found = await self._search_elsewhere(request, home, rates)
        identified = await self._identify(request, home, found)
        if home.vectors and request.mint and not home.failure:
            identified, failure = await self._minting.name(
                request,
                home.vectors,
                identified,
                provisional=bool(found.failed),
                rates=rates.home,
            )
            found = found.with_failure(request.home.id, failure) if failure else found
        answer = RecognizeAnswer(
            store=request.home.id,
            faces=_all_faces(request, home, identified),
            coverage=found.coverage,
            timing_ms=Timing(
                encode=round(home.encode_ms, 2),
                home=_ms(home_seconds),
                fan_out=_ms(found.seconds),
                total=_ms(time.perf_counter() - started),
            ),
            request_id=request_id.current.get(),
        )
        self._report(request, answer)
        return answer

    async def _search_elsewhere(
        self, request: CameraRequest, home: HomeAnswer, rates: RateSplit
    ) -> FanOutResult:
        """Search who is not known at home, or doubted; home itself counts as asked in any case.

        What home did not look at may spend the whole rates in the other stores.
        """
        found = FanOutResult()
        if home.vectors:
            spent = request.home.rates if home.failure else rates.others
            options = FanOutOptions(
                max(1, request.candidates), lambda store: spent, rates.templates
            )
            found = await self._fan_out.search(
                request.others, home.vectors, options, request.deadline
            )
        return found.with_home(request.home.id, home.failure)

    async def _identify(
        self, request: CameraRequest, home: HomeAnswer, found: FanOutResult
    ) -> list[RecognizedFace]:
        """Return the faces that the other stores were asked about, as who they are."""
        unsettled = [face for face in home.faces if face.is_open]
        return [
            _identified(face, request, await self._respected(request, face, elsewhere), needed)
            for face, elsewhere, needed in zip(
                unsettled, found.candidates, found.thresholds, strict=True
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
    request: CameraRequest, home: HomeAnswer, identified: Iterable[RecognizedFace]
) -> list[RecognizedFace]:
    """Return all faces in the order of the picture."""
    rest = iter(identified)
    return [next(rest) if face.is_open else home_face(face, request.home.id) for face in home.faces]


def _identified(
    face: ShardFace, request: CameraRequest, elsewhere: list[Candidate], needed: Needed
) -> RecognizedFace:
    """Return who a face is that the other stores were asked about."""
    if face.match == "unknown":
        return unmatched_face(face, elsewhere, needed, request.candidates)
    return doubted_face(face, request.home.id, elsewhere, needed, request.candidates)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
