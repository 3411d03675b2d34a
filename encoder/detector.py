"""The interface of face detectors.

`dlib/hog.py` and `turbo/hog/detector.py` implement HogDetector and give the same boxes;
`onnx/cnn.py` and `dlib/cnn.py` are detectors by a convolutional network. Each is loaded once and
used by one thread at a time.
"""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class DetectedFace(NamedTuple):
    """A face where a detector saw it: pixels of the picture it was given, corners inclusive.

    A box may reach over the picture's edges.
    """

    left: int
    top: int
    right: int
    bottom: int
    confidence: float
    """How far the detector's score is above its limit: above 0."""


class FaceDetector(Protocol):
    """Any detector, HOG or not."""

    def detect(self, picture: NDArray[np.uint8], /) -> list[DetectedFace]:
        """Return the faces in a picture."""


class HogDetector(Protocol):
    """dlib's frontal face detector, whoever computes it. It sees faces from about 70 pixels."""

    def detect(self, grey: NDArray[np.uint8], /) -> list[DetectedFace]:
        """Return the faces in a picture, in dlib's order.

        `grey` is uint8 of shape (h, w), C-contiguous, of any size from 1 × 1 on, perhaps
        read-only. The picture is searched as it is: who wants smaller faces enlarges it.
        """
