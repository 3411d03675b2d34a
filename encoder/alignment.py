"""From a face's box to the aligned picture that the network compares: dlib's five points."""

from pathlib import Path
from typing import NamedTuple

import dlib
import numpy as np
from numpy.typing import NDArray

from encoder.descriptor import CHIP
from encoder.hog import Detected

_PADDING = 0.25  # what the network was trained on: a quarter of the face around it


class Aligned(NamedTuple):
    """A face as the network sees it."""

    chip: NDArray[np.uint8]
    """uint8 RGB (150, 150, 3): eyes level, at the same place in every chip."""
    landmarks: NDArray[np.float32]
    """dlib's five points (5, 2) in pixels of the picture: two of each eye, then the nose."""


class Alignment:
    """dlib's predictor of five points, for the boxes of both its detectors."""

    def __init__(self, predictor: Path) -> None:
        self._predictor = dlib.shape_predictor(str(predictor))

    def align(self, picture: NDArray[np.uint8], box: Detected) -> Aligned:
        """Return the face in a box of a picture, uint8 RGB (h, w, 3)."""
        place = dlib.rectangle(box.left, box.top, box.right, box.bottom)
        shape = self._predictor(picture, place)
        return Aligned(
            dlib.get_face_chip(picture, shape, size=CHIP, padding=_PADDING),
            np.array([(point.x, point.y) for point in shape.parts()], np.float32),
        )
