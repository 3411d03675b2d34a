"""Who is in a camera's picture: ask home, then the other stores, then give strangers FaceIds."""

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import NamedTuple

from contract.messages.face import Candidate
from contract.messages.recognition import RecognizeAnswer, RecognizedFace, Timing
from contract.messages.shard_answers import Needed, ShardFace
from gateway.metrics import GatewayMetrics
from gateway.recognition.camera_request import CameraRequest
from gateway.recognition.distinctions import Distinctions
from gateway.recognition.false_rates import FalseRates, RateSplit
from gateway.recognition.fan_out import FanOut, FanOutOptions, FanOutResult
from gateway.recognition.home_store import HomeAnswer, HomeStore
from gateway.recognition.identity import beside_minted, doubted_face, home_face, unmatched_face
from gateway.recognition.minting import Minted, Minting
from gateway.recognition.tracks.track_histories import TrackHistories
from gateway.record.visits.frame import Frame
from gateway.record.visits.pending_visits import PendingVector
from gateway.record.visits.tracks import TrackHistory
from service import request_id

log = logging.getLogger(__name__)


class Recognized(NamedTuple):
    """What a camera is answered, and what the person of its track waits for a FaceId with."""

    answer: RecognizeAnswer
    pending: PendingVector | None = None


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
        histories: TrackHistories,
        metrics: GatewayMetrics,
    ) -> None:
        self._false_rates = false_rates
        self._home_store = home_store
        self._fan_out = fan_out
        self._minting = minting
        self._distinctions = distinctions
        self._histories = histories
        self._metrics = metrics

    async def recognize(self, request: CameraRequest, frame: Frame | None) -> Recognized:
        """Return who is in the picture, which is to be recorded as `frame` if it counts.

        Raises ShardError when nobody can encode it.
        """
        started = time.perf_counter()
        rates = self._false_rates.split_in_chain(request.stores, request.home)
        home, history = await asyncio.gather(
            self._home_store.recognize(request, rates.home),
            self._histories.of(frame, request.deadline),
        )
        home_seconds = time.perf_counter() - started
        found = await self._search_elsewhere(request, home, rates)
        named = Minted(await self._identify(request, home, found, history))
        if home.vectors and request.mint and not home.failure:
            named = await self._minting.name(
                request,
                home.vectors,
                named.faces,
                frame=frame,
                history=history,
                provisional=bool(found.failed),
                rates=rates.home,
            )
        if named.failure:
            found = found.with_failure(request.home.id, named.failure)
        answer = RecognizeAnswer(
            store=request.home.id,
            faces=_all_faces(request, home, named.faces),
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
        return Recognized(answer, named.pending)

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
                max(1, request.candidates),
                lambda store: spent,
                rates.templates,
                best_alone=True,
                ends_early=_may_end_early(request, home),
            )
            found = await self._fan_out.search(
                request.others, home.vectors, options, request.deadline
            )
        return found.with_home(request.home.id, home.failure)

    async def _identify(
        self,
        request: CameraRequest,
        home: HomeAnswer,
        found: FanOutResult,
        history: TrackHistory,
    ) -> list[RecognizedFace]:
        """Return the faces that the other stores were asked about, as who they are."""
        unsettled = [face for face in home.faces if face.is_open]
        store, minted = history.minted or (None, None)
        minted = minted if store == request.home.id else None
        return [
            _identified(
                face, minted, request, await self._respected(request, face, elsewhere), needed
            )
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


def _may_end_early(request: CameraRequest, home: HomeAnswer) -> bool:
    """Say whether the search may end when it is certain who all faces are.

    Not where all candidates are wanted, or home has a visitor who may be declared to be somebody
    else than the one who is found.
    """
    asked = (face for face in home.faces if face.is_open)
    return not request.candidates and all(face.match == "unknown" for face in asked)


def _all_faces(
    request: CameraRequest, home: HomeAnswer, identified: Iterable[RecognizedFace]
) -> list[RecognizedFace]:
    """Return all faces in the order of the picture."""
    rest = iter(identified)
    return [
        next(rest) if face.is_open else home_face(face, request.home.id, request.candidates)
        for face in home.faces
    ]


def _identified(
    face: ShardFace,
    minted: str | None,
    request: CameraRequest,
    elsewhere: list[Candidate],
    needed: Needed,
) -> RecognizedFace:
    """Return who a face is that the other stores were asked about: first of all somebody else than
    `minted`, the FaceId of its track.
    """
    other = beside_minted(face, minted)
    if other.match != "unknown":
        return doubted_face(other, request.home.id, elsewhere, needed, request.candidates)
    found = unmatched_face(other, elsewhere, needed, request.candidates)
    if found.match == "unknown" and face.match == "home":
        return home_face(face, request.home.id, request.candidates)
    return found


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
