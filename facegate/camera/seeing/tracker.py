"""Follows faces from frame to frame: by where they should be, and by their size.

Boxes that overlap, with the motion so far, are what SORT associates by. Measured on the clip and on
people who walk through (`python -m bench.camera`) it confuses nobody; a package that does more
brings OpenCV and SciPy along.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from encoder.face import FaceBox
from encoder.found_face import FoundFace
from facegate.camera.seeing.track import FaceTrack

GONE = timedelta(seconds=1)
"""Who was not seen for so long has gone, or turned away: who comes back is another track."""
_LEAST_OVERLAP = 0.15
_MOST_GROWTH = 1.8
"""How much wider or narrower a face is that was seen within a second."""


class FaceTracker:
    """The faces that a camera follows now."""

    def __init__(self) -> None:
        self.tracks: list[FaceTrack] = []
        self._count = 0

    @property
    def count(self) -> int:
        """How many there were so far."""
        return self._count

    def follow(self, faces: Sequence[FoundFace], at: datetime) -> list[FaceTrack]:
        """Return the track of each face of a frame that was taken at a moment."""
        pairs = sorted(
            (
                (likeness, place, number)
                for place, track in enumerate(self.tracks)
                for number, face in enumerate(faces)
                if (likeness := _likeness(track.expected(at), face.box)) >= _LEAST_OVERLAP
            ),
            reverse=True,
        )
        found: dict[int, FaceTrack] = {}
        taken: set[int] = set()
        for _, place, number in pairs:
            if place not in taken and number not in found:
                taken.add(place)
                found[number] = self.tracks[place]
        followed = []
        for number, face in enumerate(faces):
            track = found.get(number) or self._new(face.box, at)
            track.see(face.box, at)
            followed.append(track)
        return followed

    def rest(self, at: datetime) -> None:
        """Take note that nothing has moved."""
        for track in self.tracks:
            track.rest(at)

    def gone(self, at: datetime) -> list[FaceTrack]:
        """Return those who have gone, and follow them no longer."""
        gone = [track for track in self.tracks if track.is_gone(at, GONE)]
        self.tracks = [track for track in self.tracks if track not in gone]
        return gone

    def end(self) -> list[FaceTrack]:
        """Return all, and follow nobody: it is another scene."""
        gone, self.tracks = self.tracks, []
        return gone

    def _new(self, box: FaceBox, at: datetime) -> FaceTrack:
        self._count += 1
        track = FaceTrack(self._count, box, at)
        self.tracks.append(track)
        return track


def _likeness(expected: FaceBox, box: FaceBox) -> float:
    """Return how much two boxes overlap, intersection over union; 0 for different sizes."""
    wide, narrow = sorted((expected.right - expected.left, box.right - box.left), reverse=True)
    if wide > narrow * _MOST_GROWTH:
        return 0.0
    width = min(expected.right, box.right) - max(expected.left, box.left)
    height = min(expected.bottom, box.bottom) - max(expected.top, box.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (expected.area + box.area - shared)
