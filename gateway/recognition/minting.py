"""FaceIds for strangers, given by their home store."""

import logging

from contract.deadline import Deadline
from contract.errors import ShardError
from contract.messages.recognition import RecognizedFace
from gateway.chain.missed_faces import Missed
from gateway.chain.shards import Shards
from gateway.metrics import Metrics
from gateway.recognition.camera_request import CameraRequest
from gateway.recognition.fan_out import Found
from gateway.recognition.identity import minted_face

log = logging.getLogger(__name__)


class Minting:
    """Has strangers named by the replica that writes for their home store."""

    def __init__(self, shards: Shards, metrics: Metrics, seconds: float) -> None:
        self._shards = shards
        self._metrics = metrics
        self._seconds = seconds

    async def name(
        self,
        request: CameraRequest,
        missed: Missed,
        faces: list[RecognizedFace],
        found: Found,
        rate: float,
    ) -> list[RecognizedFace]:
        """Return `faces`, those that home missed at `rate`, with FaceIds for the unknown ones.

        They are provisional where a store failed to say whether it knows them. Those whom home
        cannot store stay unknown, and the coverage says so: the camera did ask for FaceIds.
        """
        strangers = [place for place, face in enumerate(faces) if face.match == "unknown"]
        if not strangers:
            return faces
        named, first = list(faces), 0
        limit = Deadline(min(self._seconds, request.deadline.left))
        try:
            with self._metrics.stage("mint"):
                for piece in missed.only(strangers).pieces:
                    minted = await self._shards.mint(
                        request.home,
                        piece,
                        provisional=bool(found.failed),
                        rate=rate,
                        deadline=limit,
                    )
                    for place, face in zip(strangers[first:], minted.faces, strict=False):
                        named[place] = minted_face(faces[place], face, request.home.id)
                    first += piece.count
        except ShardError as error:
            left, home = len(strangers) - first, request.home.id
            log.warning("no FaceIds for %d strangers of %s: %s", left, home, error)
            found.failed[home] = f"mint: {error.reason}"
        return named
