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
from gateway.recognition.identity import minted_face, pending_face
from gateway.record.visits.frame import Frame
from gateway.record.visits.pending_visits import PendingVector
from gateway.record.visits.tracks import TrackHistory

log = logging.getLogger(__name__)


ENOUGH_FRAMES = 3
"""Of a track: a fourth adds little to what three show (docs/accuracy.md)."""
ENOUGH_MS = 5000
"""Milliseconds after the first frame of a track when what it has shown has to be enough."""


class Minted(NamedTuple):
    """Faces with FaceIds, and why home could not give one to all of them.

    One of them, the person of a track, may be `pending`, with what is kept of it until then.
    """

    faces: list[RecognizedFace]
    pending: PendingVector | None = None
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
        frame: Frame | None,
        history: TrackHistory,
        provisional: bool,
        rates: ByKind[float],
    ) -> Minted:
        """Return `faces`, of which home knows none at `rates`, with FaceIds for the unknown ones.

        Those whom nobody would know again get one only where the store counts them. FaceIds are
        `provisional` where a store failed to say whether it knows them. Those whom home cannot
        store stay unknown, and the result says why: the camera did ask for FaceIds. The person
        of a track waits until enough is shown of it, and also when home cannot store it: `frame` is
        what keeps it, `history` what is known of the track.
        """
        counts_unfit = request.home.count_unfit is True
        strangers = [
            place
            for place, face in enumerate(faces)
            if face.match == "unknown" and (counts_unfit or face.unfit is None)
        ]
        person = next((place for place in strangers if _may_wait(faces[place], frame)), None)
        named = list(faces)
        if person is not None and not _is_enough(faces[person], frame, history):
            strangers.remove(person)
        failure = None
        if strangers:
            failure = await self._mint(
                request, vectors, strangers, named, provisional=provisional, rates=rates
            )
        if person is None or named[person].match != "unknown":
            return Minted(named, failure=failure)
        named[person] = pending_face(named[person])
        return Minted(named, _pending(vectors.select([person]), provisional), failure)

    async def _mint(
        self,
        request: CameraRequest,
        vectors: FaceVectors,
        strangers: Sequence[int],
        named: list[RecognizedFace],
        *,
        provisional: bool,
        rates: ByKind[float],
    ) -> str | None:
        """Give the faces at the places `strangers` FaceIds, and return why not to all of them."""
        home, first = request.home, 0
        limit = Deadline(min(self._seconds, request.deadline.left))
        try:
            with self._metrics.stage("mint"):
                for batch in vectors.select(strangers).batches():
                    minted = await self._shards.mint(
                        home, batch, provisional=provisional, rates=rates, deadline=limit
                    )
                    for place, face in zip(strangers[first:], minted.faces, strict=False):
                        named[place] = minted_face(named[place], face, home.id)
                    first += batch.count
        except ShardError as error:
            left = len(strangers) - first
            log.warning("no FaceIds for %d strangers of %s: %s", left, home.id, error)
            return f"mint: {error.reason}"
        return None


def _may_wait(face: RecognizedFace, frame: Frame | None) -> bool:
    """Say whether a face may get its FaceId later: its track goes on, and is recorded."""
    return frame is not None and face.track is not None and face.track.id is not None


def _is_enough(face: RecognizedFace, frame: Frame | None, history: TrackHistory) -> bool:
    """Say whether a track has shown enough of its person, in frames or in seconds."""
    frames = face.track.frames if face.track else 1
    since = history.waits_since
    waited = abs(frame.at - since) if frame is not None and since is not None else 0
    return frames >= ENOUGH_FRAMES or waited >= ENOUGH_MS


def _pending(vector: FaceVectors, provisional: bool) -> PendingVector:
    return PendingVector(vector.packed, vector.model, vector.frames[0], provisional)
