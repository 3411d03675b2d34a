"""FaceIds for strangers, given by their home store."""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from contract.deadline import Deadline
from contract.errors import ShardError
from contract.messages.by_kind import ByKind
from contract.messages.recognition import RecognizedFace
from gateway.chain.face_vectors import FaceVectors
from gateway.chain.shards import Shards
from gateway.metrics import GatewayMetrics
from gateway.recognition.camera_request import CameraRequest
from gateway.recognition.identity import minted_face

log = logging.getLogger(__name__)


class Minted(NamedTuple):
    """Faces with FaceIds, and why home could not give one to all of them."""

    faces: list[RecognizedFace]
    failure: str | None = None


class Minting:
    """Has strangers named by the replica that writes for their home store."""

    def __init__(self, shards: Shards, metrics: GatewayMetrics, seconds: float) -> None:
        self._shards = shards
        self._metrics = metrics
        self._seconds = seconds

    async def name(
        self,
        request: CameraRequest,
        vectors: FaceVectors,
        faces: Sequence[RecognizedFace],
        *,
        provisional: bool,
        rates: ByKind[float],
    ) -> Minted:
        """Return `faces`, of which home knows none at `rates`, with FaceIds for the unknown ones.

        They are `provisional` where a store failed to say whether it knows them. Those whom home
        cannot store stay unknown, and the result says why: the camera did ask for FaceIds.
        """
        strangers = [place for place, face in enumerate(faces) if face.match == "unknown"]
        named = list(faces)
        if not strangers:
            return Minted(named)
        home, first = request.home, 0
        limit = Deadline(min(self._seconds, request.deadline.left))
        try:
            with self._metrics.stage("mint"):
                for batch in vectors.select(strangers).batches():
                    minted = await self._shards.mint(
                        home, batch, provisional=provisional, rates=rates, deadline=limit
                    )
                    for place, face in zip(strangers[first:], minted.faces, strict=False):
                        named[place] = minted_face(faces[place], face, home.id)
                    first += batch.count
        except ShardError as error:
            left = len(strangers) - first
            log.warning("no FaceIds for %d strangers of %s: %s", left, home.id, error)
            return Minted(named, f"mint: {error.reason}")
        return Minted(named)
