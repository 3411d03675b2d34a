"""dlib's own convolutional face detector: seconds a picture without a graphics card."""

import dlib
import numpy as np
from numpy.typing import NDArray

from encoder.detector import DetectedFace
from encoder.files.model_files import CNN_DETECTOR, model_file

_LEAST = 64
"""Pixels of a side: dlib's network fails on some that are smaller, and they show no face."""


class DlibCnn:
    """The detector that dlib loads from its file."""

    def __init__(self) -> None:
        self._detector = dlib.cnn_face_detection_model_v1(str(model_file(CNN_DETECTOR)))

    def detect(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        """Return the faces in a picture, uint8 RGB (h, w, 3), the surest first."""
        if min(picture.shape[:2]) < _LEAST:
            return []
        return [
            DetectedFace(box.left(), box.top(), box.right(), box.bottom(), found.confidence)
            for found in self._detector(picture, 0)
            for box in [found.rect]
        ]
