"""dlib's own HOG detector."""

from pathlib import Path

import dlib
import numpy as np
from numpy.typing import NDArray

from encoder.hog import Detected


class DlibHog:
    """The frontal face detector that comes with dlib."""

    def __init__(self) -> None:
        self._detector = dlib.get_frontal_face_detector()

    def detect(self, grey: NDArray[np.uint8]) -> list[Detected]:
        """Return the faces in a picture, uint8 of shape (h, w)."""
        boxes, confidences, _ = self._detector.run(grey, 0, 0.0)
        return [
            Detected(box.left(), box.top(), box.right(), box.bottom(), confidence)
            for box, confidence in zip(boxes, confidences, strict=True)
        ]


def save_detector(path: Path) -> None:
    """Write the detector to a file, as dlib does."""
    dlib.get_frontal_face_detector().save(str(path))
