"""From a face's box to the aligned picture that the network compares, by dlib."""

from pathlib import Path

import dlib
import numpy as np
from numpy.typing import NDArray

from encoder.alignment import PADDING, AlignedFace
from encoder.descriptor import CHIP
from encoder.detector import DetectedFace


class DlibAlignment:
    """One of dlib's predictors of landmarks: of 5, or of 68."""

    def __init__(self, predictor: Path) -> None:
        """Load a file of dlib's landmarks."""
        self._predictor = dlib.shape_predictor(str(predictor))

    def align(self, picture: NDArray[np.uint8], box: DetectedFace) -> AlignedFace:
        """Return the face in a box of a picture, uint8 RGB (h, w, 3)."""
        shape = self._predictor(picture, _rectangle(box))
        return AlignedFace(
            dlib.get_face_chip(picture, shape, size=CHIP, padding=PADDING),
            np.array([(point.x, point.y) for point in shape.parts()], np.float32),
        )


def _rectangle(box: DetectedFace) -> dlib.rectangle:
    return dlib.rectangle(box.left, box.top, box.right, box.bottom)
