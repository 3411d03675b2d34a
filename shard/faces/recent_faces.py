"""Faces of pictures that were compared a moment ago: to enrol them, nothing is encoded anew."""

import time
from collections import OrderedDict
from collections.abc import Callable

from contract.stores.detection import Detection
from encoder import Face

_MOST = 256
"""About 2 kB each."""
_SECONDS = 120.0


class RecentFaces:
    """The one face of each picture, by the picture's digest and how faces were looked for in it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._faces: OrderedDict[tuple[str, Detection], tuple[float, Face]] = OrderedDict()

    def put(self, digest: str, detection: Detection, face: Face) -> None:
        """Keep a face for two minutes, unless too many follow."""
        self._forget()
        self._faces[digest, detection] = (self._clock(), face)

    def get(self, digest: str, detection: Detection) -> Face | None:
        """Return a face; None when it is not kept."""
        self._forget()
        _, face = self._faces.get((digest, detection), (0.0, None))
        return face

    def take(self, digest: str, detection: Detection) -> Face | None:
        """Return a face and keep it no longer: it is about to be stored."""
        face = self.get(digest, detection)
        self._faces.pop((digest, detection), None)
        return face

    def _forget(self) -> None:
        oldest = self._clock() - _SECONDS
        while self._faces:
            at, _ = next(iter(self._faces.values()))
            if at >= oldest and len(self._faces) < _MOST:
                return
            self._faces.popitem(last=False)
