"""The faces of a picture, found and encoded once: by the home shard, or by a stand-in."""

import logging
from dataclasses import dataclass

from contract.deadline import Deadline
from contract.errors import ShardError, ShardRefused
from contract.messages.shard_answers import EncodeAnswer, ShardAnswer, ShardFace
from gateway.chain.missed_faces import Missed
from gateway.chain.shard_request import RecognizeQuery
from gateway.chain.shards import Shards
from gateway.recognition.camera_request import CameraRequest
from gateway.recognition.stand_in import StandIn

log = logging.getLogger(__name__)

_OVERLOADED = frozenset({"BUSY", "DEADLINE_EXCEEDED"})


@dataclass(frozen=True)
class Sight:
    """A picture's faces, and the vectors of those that other stores may know better.

    `failure` is why home did not answer: then a stand-in has encoded, and all faces are missed.
    """

    faces: list[ShardFace]
    missed: Missed | None
    encode_ms: float
    failure: str | None = None


class Lookout:
    """Has pictures encoded, by their home shard if it works at all."""

    def __init__(self, shards: Shards, stand_in: StandIn, home_seconds: float) -> None:
        self._shards = shards
        self._stand_in = stand_in
        self._home_seconds = home_seconds

    async def look(self, request: CameraRequest, rate: float) -> Sight:
        """Return the faces of the request's picture; a share `rate` of strangers may pass at home.

        Raises ShardRefused when the picture is refused or home has no room, and another ShardError
        when no shard at all can encode it.
        """
        try:
            return await self._at_home(request, rate)
        except ShardError as error:
            if _is_answer(error):
                raise
            log.warning("home %s failed (%s): a stand-in encodes", request.home.id, error.reason)
            return await self._elsewhere(request, error.reason)

    async def _at_home(self, request: CameraRequest, rate: float) -> Sight:
        limit = Deadline(min(self._home_seconds, request.deadline.left))
        query = RecognizeQuery(
            rate,
            request.home.detection,
            request.candidates,
            request.camera,
            request.track,
            request.remember,
        )
        answer = await self._shards.recognize(request.home, request.picture, query, limit)
        missed = _missed(answer.faces, answer)
        return Sight(answer.faces, missed, answer.timing_ms.encode)

    async def _elsewhere(self, request: CameraRequest, failure: str) -> Sight:
        answer = await self._stand_in.encode(
            request.others, request.picture, request.home.detection, request.deadline
        )
        faces = [
            ShardFace(
                box=face.box,
                match="unknown",
                vector=face.vector,
                place=face.place,
                track=face.track,
            )
            for face in answer.faces
        ]
        return Sight(faces, _missed(faces, answer), answer.encode_ms, failure)


def _missed(faces: list[ShardFace], answer: ShardAnswer | EncodeAnswer) -> Missed | None:
    missed = [face for face in faces if face.is_open]
    return Missed.of(missed, answer.model, answer.cohort) if missed else None


def _is_answer(error: ShardError) -> bool:
    """True when the home shard works but refuses: the picture is at fault, or there is no room."""
    return isinstance(error, ShardRefused) and (error.status < 500 or error.code in _OVERLOADED)
