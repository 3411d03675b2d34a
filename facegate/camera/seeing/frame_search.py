"""Finds the faces in a camera's frames: HOG in every one, the CNN where that is not enough.

The CNN takes twenty times as long. It is asked about the part of a picture where something moves
that no face explains, and about people who were followed and are not seen any more before they
could be seen well; within a share of the time that passes from frame to frame.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
from PIL import Image

from contract.stores.detection import Detection
from encoder.duty_budget import DutyBudget
from encoder.face import FaceBox
from encoder.fitness import unfitness
from encoder.found_face import FoundFace
from encoder.picture.detection_scale import usual_smallest
from encoder.picture.pixels import OpenPicture, RgbPicture
from facegate.camera.seeing.motion import Motion
from facegate.camera.seeing.moved_part import moved_part, within
from facegate.camera.seeing.track import FaceTrack

_LATELY = timedelta(seconds=1)
"""Who was seen well is looked for again after so long."""
_IN_VAIN = timedelta(seconds=1)
"""Where the CNN saw nobody well it is not asked again so soon, unless it is another view.

Who turns to the camera is seen by HOG, and who stays in profile is followed by so few looks."""
_AROUND = 1.0
"""Widths of a face, on each side of where somebody is looked for."""
_SAME = 0.3
"""Overlap of the boxes that both detectors draw around one face."""


class Finder(Protocol):
    """What finds faces."""

    def find(self, picture: OpenPicture, detection: Detection) -> list[FoundFace]:
        """Return the faces in a picture."""


class FrameSearch:
    """Finds the faces in one camera's frames, as its detection says."""

    def __init__(self, finder: Finder, detection: Detection, budget: DutyBudget) -> None:
        """`budget` is what the CNN may take beside HOG, by the frames' moments."""
        self._finder = finder
        self._detection = detection
        self._budget = budget
        self._again_at: datetime | None = None
        self.looks = 0
        """How often the CNN was asked beside HOG."""

    def find(
        self, picture: Image.Image, motion: Motion, tracks: Sequence[FaceTrack], at: datetime
    ) -> list[FoundFace]:
        """Return the faces in a frame, upright and in RGB; `tracks` are who was followed so far."""
        if self._detection.detector != "auto":
            return self._finder.find(RgbPicture(picture), self._detection)
        by_hog = replace(self._detection, detector="hog")
        faces = self._finder.find(RgbPicture(picture), by_hog)
        part = self._worth_a_look(picture.size, motion, faces, tracks, at)
        if part is None or not self._may_look(motion, at):
            return faces
        self.looks += 1
        with self._budget.spending():
            closer = self._look_closer(picture, part)
        others = [face for face in closer if not _is_among(face, faces)]
        is_of_use = any(unfitness(face) is None for face in others)
        self._again_at = at if is_of_use else at + _IN_VAIN
        return faces + others

    def _may_look(self, motion: Motion, at: datetime) -> bool:
        is_new = motion.is_another_view
        is_time = is_new or self._again_at is None or at >= self._again_at
        return self._budget.allows(at.timestamp(), on_credit=is_new) and is_time

    def _worth_a_look(
        self,
        size: tuple[int, int],
        motion: Motion,
        faces: Sequence[FoundFace],
        tracks: Sequence[FaceTrack],
        at: datetime,
    ) -> FaceBox | None:
        """Return the part of the picture about which the CNN is to be asked."""
        changed = np.rot90(motion.changed, -(self._detection.rotate // 90))
        if self._detection.region is not None:
            changed = within(changed, self._detection.region)
        unseen = [track for track in tracks if not _is_seen(track.expected(at), faces)]
        well_known = [
            track.expected(at)
            for track in unseen
            if track.shots.any_fit and at - track.seen_at < _LATELY
        ]
        places = [_around(track.expected(at), *size) for track in unseen if not track.shots.any_fit]
        moved = moved_part(changed, size, [*(face.box for face in faces), *well_known])
        return _joined(places if moved is None else [moved, *places])

    def _look_closer(self, picture: Image.Image, part: FaceBox) -> list[FoundFace]:
        smallest = self._detection.min_face_px or usual_smallest(*picture.size)
        cut = picture.crop((part.left, part.top, part.right, part.bottom))
        width, height = picture.size
        found = self._finder.find(RgbPicture(cut), Detection("cnn", smallest))
        moved = [face.moved(part.left, part.top) for face in found]
        return [face for face in moved if self._detection.counts(*_centre(face.box, width, height))]


def _is_seen(expected: FaceBox, faces: Iterable[FoundFace]) -> bool:
    return any(expected.overlap(face.box) > 0 for face in faces)


def _is_among(face: FoundFace, others: Iterable[FoundFace]) -> bool:
    """Say whether a face is one of those that HOG has found: its box is a little different."""
    return any(face.box.overlap(other.box) > _SAME for other in others)


def _around(box: FaceBox, width: int, height: int) -> FaceBox:
    """Return the part of a picture in which somebody is who is expected in a box."""
    margin = round((box.right - box.left) * _AROUND)
    return FaceBox.clipped(
        top=box.top - margin,
        right=box.right + margin,
        bottom=box.bottom + margin,
        left=box.left - margin,
        height=height,
        width=width,
    )


def _joined(parts: Iterable[FaceBox]) -> FaceBox | None:
    """Return the box around parts of a picture that have any pixels; None where there is none."""
    real = [part for part in parts if part.right > part.left and part.bottom > part.top]
    if not real:
        return None
    tops, rights, bottoms, lefts = zip(*real, strict=True)
    return FaceBox(min(tops), max(rights), max(bottoms), min(lefts))


def _centre(box: FaceBox, width: int, height: int) -> tuple[float, float]:
    return (box.left + box.right) / 2 / width, (box.top + box.bottom) / 2 / height
