"""Frames of one person from one camera, fused: what a track knows is more than any frame shows."""

import hashlib
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from contract.messages.face import TrackState
from contract.messages.message import Unfit
from contract.vectors import Vector
from encoder import Face
from encoder.fitness import unfitness
from scoring.cohort import pair_scores, unit
from scoring.score_scale import ScoreScale

IDLE_SECONDS = 60.0
MOST = 4096
"""Tracks at once, about 2 kB each; the one that was idle longest makes room."""

_ALIKE_RATE = 0.1
"""A face that a tenth of strangers would pass for is not yet the person of a track."""
_REMEMBERED = 32
"""Frames whose repetition is noticed: a camera that asks again does not count twice."""


class TrackId(NamedTuple):
    """A track's number and its camera: the cameras of a store number their tracks independently."""

    camera: str | None
    id: str


@dataclass(frozen=True, eq=False)
class Probe:
    """A face of a picture, and the unit vector to search: the face's own, or its track's mean."""

    face: Face
    vector: Vector
    track: TrackState | None = None
    unfit: Unfit | None = None
    """Why a stranger would not be known again: not by this face, nor by the track's others."""
    second: Vector | None = None
    """What the encoder's second model makes of the same pictures, if it has one."""

    @property
    def frames(self) -> int:
        """How many pictures the vector is fused from."""
        return self.track.frames if self.track else 1


class Tracks:
    """The tracks that are going on, for a short time. For the event loop's thread alone."""

    def __init__(
        self,
        seconds: float = IDLE_SECONDS,
        most: int = MOST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._tracks: OrderedDict[TrackId, _Track] = OrderedDict()

    def __len__(self) -> int:
        self._forget_idle()
        return len(self._tracks)

    def probes(
        self, key: TrackId | None, frames: Sequence[list[Face]], scale: ScoreScale
    ) -> list[Probe]:
        """Add `frames` to a track; return the faces of the last one that shows any.

        The track's person comes first, with the vector of all frames. Several frames are a track
        of their own when there is no `key`; one is none.
        """
        self._forget_idle()
        shown = [faces for faces in frames if faces]
        if not shown:
            return []
        if key is None and len(frames) == 1:
            return list(map(_probe, shown[0]))
        track = self._tracks.get(key, _Track()) if key else _Track()
        for faces in shown:
            person = track.add(faces, scale)
        if key:
            self._keep(key, track)
        state = TrackState(id=key and key.id, frames=track.frames)
        others = [_probe(face) for face in shown[-1] if face is not person]
        return [Probe(person, track.vector, state, track.unfit, track.second), *others]

    def _keep(self, key: TrackId, track: "_Track") -> None:
        track.last_use = self._clock()
        self._tracks[key] = track
        self._tracks.move_to_end(key)
        if len(self._tracks) > self._most:
            self._tracks.popitem(last=False)

    def _forget_idle(self) -> None:
        too_old = self._clock() - self._seconds
        while self._tracks and next(iter(self._tracks.values())).last_use < too_old:
            self._tracks.popitem(last=False)


def _probe(face: Face) -> Probe:
    second = None if face.second is None else face.second.vector
    return Probe(face, face.vector, unfit=unfitness(face), second=second)


class _Track:
    """One person's frames: the sums of their unit vectors are all that is kept of them."""

    def __init__(self) -> None:
        self.frames = 0
        self.unfit: Unfit | None = None
        self.last_use = 0.0
        self._sum: Vector | None = None
        self._second_sum: Vector | None = None
        self._fused: deque[bytes] = deque(maxlen=_REMEMBERED)

    @property
    def vector(self) -> Vector:
        assert self._sum is not None
        return unit(self._sum)

    @property
    def second(self) -> Vector | None:
        """The mean direction of the second model's vectors, if there are any."""
        return None if self._second_sum is None else unit(self._second_sum)

    def add(self, faces: list[Face], scale: ScoreScale) -> Face:
        """Add this person's face among `faces` to the sum, and return it."""
        face = self._person(faces, scale)
        self.unfit = unfitness(face) if self.unfit or not self.frames else None
        digest = hashlib.blake2b(face.vector.tobytes(), digest_size=8).digest()
        if digest not in self._fused:
            self._fused.append(digest)
            self._sum = face.vector if self._sum is None else self._sum + face.vector
            if face.second is not None:
                seen, new = self._second_sum, face.second.vector
                self._second_sum = new if seen is None else seen + new
            self.frames += 1
        return face

    def _person(self, faces: list[Face], scale: ScoreScale) -> Face:
        """Return the face most like those before, if it is like them at all, else the largest."""
        if not self.frames or len(faces) == 1:
            return faces[0]
        vectors, mean = np.stack([face.vector for face in faces]), self.vector[None, :]
        place = scale.cohort.place
        alike = pair_scores((vectors @ mean.T)[:, 0], place(vectors), place(mean))
        best = int(alike.argmax())
        needed = scale.parameters.threshold(1, _ALIKE_RATE, self.frames)
        return faces[best] if alike[best] >= needed else faces[0]
