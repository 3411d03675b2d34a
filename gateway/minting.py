"""FaceIds for strangers, given by their home store."""

import logging

from contract.deadline import Deadline
from contract.errors import ShardError
from contract.messages import RecognizedFace
from gateway.camera_request import CameraRequest
from gateway.fan_out import Found
from gateway.identity import minted_face
from gateway.metrics import Metrics
from gateway.missed import Missed
from gateway.routing import Router
from gateway.shard_client import ShardClient

log = logging.getLogger(__name__)


class Minting:
    """Has strangers named by the replica that writes for their home store."""

    def __init__(
        self, router: Router, client: ShardClient, metrics: Metrics, seconds: float
    ) -> None:
        self._router = router
        self._client = client
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

        They are provisional where a store failed to say whether it knows them. If home cannot
        store them they stay unknown, and the coverage says so: the camera did ask for FaceIds.
        """
        strangers = [place for place, face in enumerate(faces) if face.match == "unknown"]
        if not strangers:
            return faces
        home, vectors, provisional = request.home, missed.only(strangers), bool(found.failed)
        limit = Deadline(min(self._seconds, request.deadline.left))
        try:
            with self._metrics.stage("mint"):
                answer = await self._router.write(
                    home,
                    lambda address: self._client.mint(
                        address,
                        home.id,
                        vectors,
                        provisional=provisional,
                        rate=rate,
                        deadline=limit,
                    ),
                )
        except ShardError as error:
            log.warning("no FaceIds for %d strangers of %s: %s", len(strangers), home.id, error)
            found.failed[home.id] = f"mint: {error.reason}"
            return faces
        named = list(faces)
        for place, minted in zip(strangers, answer.faces, strict=True):
            named[place] = minted_face(faces[place], minted, home.id)
        return named
