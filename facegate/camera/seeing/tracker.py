"""Follows faces from frame to frame: by where they should be, by their size, and by their look.

Boxes that overlap, with the motion so far, are what SORT associates by. At five frames a second
that loses who walks past, two widths of the face a frame; and whoever steps to where another one
was would be taken for them. Both are told by the look. Measured on the clip and on people who walk
through (`python -m bench.camera`) it confuses nobody; packages that do more bring OpenCV along.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from encoder.face import FaceBox
from encoder.found_face import FoundFace
from facegate.camera.seeing.look import Look, look_of
from facegate.camera.seeing.track import FaceTrack

_LEAST_OVERLAP = 0.15
_MOST_GROWTH = 1.8
"""How much wider or narrower a face is that was seen within a second."""
_AT_ONCE = timedelta(seconds=0.45)
"""In so little time nobody makes room for somebody else."""
_NOT_UNLIKE, _ALIKE = 0.5, 0.75
"""Cosines of looks: of whom nothing else speaks against, and of whom nothing else speaks for."""
_REACH = 3.0
"""Widths of the face: as far as somebody may be from where they were expected."""


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
        looks = [look_of(face.aligned.chip) for face in faces]
        pairs = sorted(
            (
                (likeness, place, number)
                for place, track in enumerate(self.tracks)
                for number, face in enumerate(faces)
                if (likeness := _likeness(track, face.box, looks[number], at)) > 0
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
            track = found.get(number) or self._new(face.box, looks[number], at)
            track.see(face.box, looks[number], at, face.seen_by)
            followed.append(track)
        return followed

    def rest(self, at: datetime) -> None:
        """Take note that nothing has moved."""
        for track in self.tracks:
            track.rest(at)

    def gone(self, at: datetime) -> list[FaceTrack]:
        """Return those who have gone, and follow them no longer."""
        gone = [track for track in self.tracks if track.is_gone(at)]
        self.tracks = [track for track in self.tracks if track not in gone]
        return gone

    def end(self) -> list[FaceTrack]:
        """Return all, and follow nobody: it is another scene."""
        gone, self.tracks = self.tracks, []
        return gone

    def _new(self, box: FaceBox, look: Look, at: datetime) -> FaceTrack:
        self._count += 1
        track = FaceTrack(self._count, box, look, at)
        self.tracks.append(track)
        return track


def _likeness(track: FaceTrack, box: FaceBox, look: Look, at: datetime) -> float:
    """Return how sure it is that a face is the track's; 0 where it is not.

    Faces that overlap with where theirs should be, 1 to 2, come before those that look alike.
    """
    expected = track.expected(at)
    wide, narrow = sorted((expected.right - expected.left, box.right - box.left), reverse=True)
    if wide > narrow * _MOST_GROWTH:
        return 0.0
    alike = float(look @ track.look)
    overlap = expected.overlap(box)
    if overlap >= _LEAST_OVERLAP and (at - track.seen_at <= _AT_ONCE or alike >= _NOT_UNLIKE):
        return 1 + overlap
    return alike if alike >= _ALIKE and _distance(expected, box) <= _REACH * wide else 0.0


def _distance(one: FaceBox, other: FaceBox) -> float:
    """Return how far the middles are from each other, in pixels."""
    across = one.left + one.right - other.left - other.right
    down = one.top + one.bottom - other.top - other.bottom
    return math.hypot(across, down) / 2
