"""Takes what cameras push: what is in it is recognized as any camera's picture is."""

import hashlib
import itertools
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from contract.errors import (
    BrokenPicture,
    EmptyPicture,
    EncoderCrashed,
    ShardRefused,
    TooManyPixels,
    UnsupportedPicture,
)
from gateway.camera_watch.camera_watch import CameraWatch
from gateway.chain.shard_request import Picture
from gateway.metrics import GatewayMetrics, PushOutcome
from gateway.push.event_time import moment_said
from gateway.push.makers.maker import Reply
from gateway.push.picture_address import CODE, REASON, names_a_picture
from gateway.push.pushed_body import PushedBody
from gateway.push.pushed_event import PushedEvent
from gateway.push.pushed_picture import Look, NamedPicture, looks_at
from gateway.recognition.camera_pictures import CameraPictures
from gateway.recognition.camera_request import CameraRequest
from gateway.recognition.capture_time import CaptureTime
from gateway.recognition.idempotency import IdempotentAnswers
from gateway.record.visits.idempotency_keys import IdempotencyKey

log = logging.getLogger(__name__)

_REFUSED = frozenset(
    error.code
    for error in (EmptyPicture, UnsupportedPicture, BrokenPicture, TooManyPixels, EncoderCrashed)
)
"""Codes of pictures that would be refused however often they were sent."""


@dataclass(frozen=True)
class Said:
    """What the request itself says, beside its body; it counts for more than the event's words."""

    captured_at: str | None = None
    track: str | None = None
    key: str | None = None
    """What the sender calls the event: sent again, it is not counted again."""


@dataclass
class _Seen:
    """What came of the pictures of one event."""

    faces: int = 0
    refused: list[str] | None = None

    def refuse(self, reason: str) -> None:
        self.refused = [*(self.refused or []), reason]


class PushDoor:
    """Takes pushes, and answers what makes a camera go on.

    Whatever would be refused again however often it was sent is answered with 200, counted and
    logged: most makers' cameras send again, for ever, what is not. What may succeed later is
    raised.
    """

    def __init__(
        self,
        pictures: CameraPictures,
        idempotent: IdempotentAnswers,
        watch: CameraWatch,
        metrics: GatewayMetrics,
    ) -> None:
        self._pictures = pictures
        self._idempotent = idempotent
        self._watch = watch
        self._metrics = metrics

    async def receive(self, request: CameraRequest, path: str, said: Said) -> Reply:
        """Return what the camera is answered that sent `request.picture`, a body of any kind.

        Raises what the recognition of a picture raises, but where the picture is at fault.
        """
        now = datetime.now(UTC)
        pushed = PushedBody.of(request.picture.content_type, request.picture.body)
        event = PushedEvent.read(pushed.document, request.home.timezone, now)
        pictures = _pictures(event, pushed)
        seen = _Seen()
        if pictures:
            time = self._capture_time(request, event, said, now)
            seen = await self._look(request, event, said, pictures, time)
        outcome = _outcome(pushed, pictures, seen)
        if outcome == "picture_address":
            self._watch.refused(request.home.id, request.camera, CODE, request.agent)
            pushed.unreadable.append(REASON)
        elif not pictures and request.camera is not None:
            self._watch.alive(request.home.id, request.camera, request.agent)
        self._metrics.pushed(request.home.id, event.maker.name, outcome)
        _report(request, event, outcome, seen.refused or pushed.unreadable)
        if event.maker.reply is not None:
            return event.maker.reply(path, pushed.document)
        return Reply(_summary(outcome, seen.faces))

    async def _look(
        self,
        request: CameraRequest,
        event: PushedEvent,
        said: Said,
        pictures: Sequence[NamedPicture],
        time: CaptureTime,
    ) -> _Seen:
        """Recognize the pictures that show the event best."""
        key = said.key or event.key(request.camera or "", [picture.file for picture in pictures])
        looks = looks_at(pictures, said.track or event.track)
        seen = _Seen()
        numbers = itertools.count()
        for some in looks:
            if seen.faces:
                break
            for look in some:
                name = None if key is None else f"{key} {next(numbers)}"
                await self._recognize(request, look, time, name, seen)
        return seen

    async def _recognize(
        self, request: CameraRequest, look: Look, time: CaptureTime, key: str | None, seen: _Seen
    ) -> None:
        shown = replace(
            request, picture=Picture(look.file, ""), track=look.track, cut_out=look.cut_out
        )
        sent = key and IdempotencyKey(
            request.home.id, key, hashlib.sha256(look.file + repr(look.track).encode()).hexdigest()
        )
        try:
            answer = await self._idempotent.answer(
                sent or None, request.deadline, partial(self._pictures.receive, shown, time)
            )
        except ShardRefused as error:
            if error.code not in _REFUSED:
                raise
            seen.refuse(f"{error.code}: {error.detail}")
            return
        seen.faces += len(json.loads(answer)["faces"])

    def _capture_time(
        self, request: CameraRequest, event: PushedEvent, said: Said, now: datetime
    ) -> CaptureTime:
        """Return when the picture was taken; now, where the camera's clock cannot be right."""
        at = event.at
        if said.captured_at is not None:
            at = moment_said(said.captured_at, request.home.timezone, now)
        time = CaptureTime.believed(at, now)
        if time.doubted:
            self._metrics.doubted_clock(request.home.id)
            log.warning(
                "the clock of %r is wrong: %s", request.camera, at, extra=_fields(request, event)
            )
        return time


def _pictures(event: PushedEvent, pushed: PushedBody) -> list[NamedPicture]:
    """Return the pictures of a body; one part may hold several."""
    if event.maker.pieces is None or len(pushed.pictures) != 1:
        return pushed.pictures
    return event.maker.pieces(pushed.document, pushed.pictures[0])


def _outcome(pushed: PushedBody, pictures: Sequence[NamedPicture], seen: _Seen) -> PushOutcome:
    if seen.faces:
        return "faces"
    if seen.refused:
        return "refused_picture"
    if pictures:
        return "nobody"
    if names_a_picture(pushed.document):
        return "picture_address"
    return "unreadable" if pushed.unreadable else "no_picture"


def _summary(outcome: PushOutcome, faces: int) -> str:
    """Return one line, for people who try a camera's address by hand."""
    if outcome == "faces":
        return f"OK: {faces} face{'s' if faces > 1 else ''}\n"
    return f"OK: {outcome.replace('_', ' ')}\n"


def _report(
    request: CameraRequest, event: PushedEvent, outcome: PushOutcome, reasons: Sequence[str]
) -> None:
    level = logging.WARNING if reasons else logging.DEBUG
    text = "; ".join(reasons)[:300]
    log.log(level, "%r pushed: %s %s", request.camera, outcome, text, extra=_fields(request, event))


def _fields(request: CameraRequest, event: PushedEvent) -> dict[str, object]:
    return {"store": request.home.id, "camera": request.camera, "maker": event.maker.name}
