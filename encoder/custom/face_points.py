"""ArcFace's five points: centres of the eyes, tip of the nose, corners of the mouth.

Left and right as one sees them in the picture.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from encoder.alignment import Alignment
from encoder.recognizer import FaceCut

_LEFT_EYE, _RIGHT_EYE = slice(36, 42), slice(42, 48)
_NOSE_TIP, _MOUTH_LEFT, _MOUTH_RIGHT = 30, 48, 54
"""Of the 68 landmarks of iBUG 300-W, counted from 0."""


class FacePoints(Protocol):
    """Finds the five points."""

    def find(self, cut: FaceCut) -> NDArray[np.float32]:
        """Return the points, float32 (5, 2): x and y in pixels of the part of the picture."""


class LandmarkPoints:
    """The detector's own points where it has found them, else those by dlib's 68 landmarks."""

    def __init__(self, alignment_68: Alignment) -> None:
        self._alignment = alignment_68

    def find(self, cut: FaceCut) -> NDArray[np.float32]:
        """Return the points, float32 (5, 2), in pixels of the part of the picture."""
        if cut.box.points is not None:
            return np.array(cut.box.points, np.float32)
        landmarks = self._alignment.align(*cut).landmarks
        return np.stack(
            [
                landmarks[_LEFT_EYE].mean(axis=0),
                landmarks[_RIGHT_EYE].mean(axis=0),
                *landmarks[[_NOSE_TIP, _MOUTH_LEFT, _MOUTH_RIGHT]],
            ]
        )
