"""What a camera's own store says of its picture; when it is down, any shard encodes the faces."""

import logging
from dataclasses import dataclass

from contract.deadline import Deadline
from contract.errors import ShardError, ShardRefused
from contract.messages.by_kind import ByKind
from contract.messages.shard_answers import EncodeAnswer, ShardAnswer, ShardFace
from gateway.chain.face_vectors import FaceVectors
from gateway.chain.shard_request import RecognizeParameters
from gateway.chain.shards import Shards
from gateway.recognition.camera_request import CameraRequest
from gateway.recognition.identity import RIVALS
from gateway.recognition.picture_encoder import PictureEncoder

log = logging.getLogger(__name__)

_OVERLOADED = frozenset({"BUSY", "DEADLINE_EXCEEDED"})


@dataclass(frozen=True)
class HomeAnswer:
    """A picture's faces, and the vectors of those that the other stores are asked about.

    `failure` is why home did not answer: then another shard has encoded, and no face is recognized.
    """

    faces: list[ShardFace]
    vectors: FaceVectors | None
    encode_ms: float
    failure: str | None = None


class HomeStore:
    """Has pictures recognized by their home store, or else encoded by another one."""

    def __init__(self, shards: Shards, encoder: PictureEncoder, home_seconds: float) -> None:
        self._shards = shards
        self._encoder = encoder
        self._home_seconds = home_seconds

    async def recognize(self, request: CameraRequest, rates: ByKind[float]) -> HomeAnswer:
        """Return the faces of the request's picture; shares `rates` of strangers may pass at home.

        Raises ShardRefused when the picture is refused or home has no room, and another ShardError
        when no shard at all can encode it.
        """
        try:
            return await self._at_home(request, rates)
        except ShardError as error:
            if _is_answer(error):
                raise
            log.warning("home %s failed (%s): a stand-in encodes", request.home.id, error.reason)
            return await self._elsewhere(request, error.reason)

    async def _at_home(self, request: CameraRequest, rates: ByKind[float]) -> HomeAnswer:
        limit = Deadline(min(self._home_seconds, request.deadline.left))
        parameters = RecognizeParameters(
            rates,
            request.detection,
            max(request.candidates, RIVALS) if request.track else request.candidates,
            request.camera,
            request.track,
            request.remember,
            request.home.learning if request.remember else "nobody",
        )
        answer = await self._shards.recognize(request.home, request.picture, parameters, limit)
        vectors = _vectors(answer.faces, answer)
        return HomeAnswer(answer.faces, vectors, answer.timing_ms.encode)

    async def _elsewhere(self, request: CameraRequest, failure: str) -> HomeAnswer:
        answer = await self._encoder.encode(
            request.others, request.picture, request.detection, request.deadline
        )
        faces = [
            ShardFace(
                box=face.box,
                match="unknown",
                vector=face.vector,
                place=face.place,
                second_vector=face.second_vector,
                track=face.track,
                unfit=face.unfit,
            )
            for face in answer.faces
        ]
        return HomeAnswer(faces, _vectors(faces, answer), answer.encode_ms, failure)


def _vectors(faces: list[ShardFace], answer: ShardAnswer | EncodeAnswer) -> FaceVectors | None:
    asked = [face for face in faces if face.is_open]
    return FaceVectors.of(asked, answer) if asked else None


def _is_answer(error: ShardError) -> bool:
    """True when the home shard works but refuses: the picture is at fault, or there is no room."""
    return isinstance(error, ShardRefused) and (error.status < 500 or error.code in _OVERLOADED)
