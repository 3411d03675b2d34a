"""The interface of face detectors.

`dlib/hog.py` and `turbo/hog/detector.py` implement HogDetector and give the same boxes;
`onnx/cnn.py` and `dlib/cnn.py` are detectors by a convolutional network, `custom/detector.py` is
one of the user's own. Each is loaded once and used by one thread at a time.
"""

from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

FacePlaces = tuple[tuple[float, float], ...]
"""x and y of a face's eyes, nose tip and mouth corners, each pair from the left of the picture."""
_MIRRORED = (1, 0, 2, 4, 3)


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
    points: FacePlaces | None = None
    """Where the detector finds five points, too."""

    def scaled(self, across: float, down: float) -> Self:
        """Return the face in a picture that is so many times as wide and high."""
        return type(self)(
            round(self.left * across),
            round(self.top * down),
            round((self.right + 1) * across) - 1,
            round((self.bottom + 1) * down) - 1,
            self.confidence,
            self.points and tuple((x * across, y * down) for x, y in self.points),
        )

    def moved(self, right: int, down: int) -> Self:
        """Return the face in a picture that begins so many pixels further left and up."""
        return type(self)(
            self.left + right,
            self.top + down,
            self.right + right,
            self.bottom + down,
            self.confidence,
            self.points and tuple((x + right, y + down) for x, y in self.points),
        )

    def mirrored(self, width: int) -> Self:
        """Return the face in the mirror image of a picture of that width."""
        last = width - 1
        points = self.points and tuple((last - x, y) for x, y in self.points)
        return self._replace(
            left=last - self.right,
            right=last - self.left,
            points=points and tuple(points[number] for number in _MIRRORED),
        )


class FaceDetector(Protocol):
    """Any detector, HOG or not."""

    def detect(self, picture: NDArray[np.uint8], /) -> list[DetectedFace]:
        """Return the faces in a picture."""


class WholePictureDetector(Protocol):
    """A detector with a size of its own, in which it sees the whole picture, however large."""

    @property
    def size(self) -> int:
        """Pixels of the longer side that it reduces a picture to."""

    def detect(self, picture: NDArray[np.uint8], /) -> list[DetectedFace]:
        """Return the faces in a picture, uint8 RGB (h, w, 3)."""

    def detect_small(self, picture: NDArray[np.uint8], /) -> list[DetectedFace]:
        """Return the same, and faces that are too small in the whole picture: `scale` has it."""

    def scale(self, width: int, height: int, smallest: int) -> float:
        """Return by how much a picture is to be scaled for `detect_small` to find small faces.

        They are `smallest` pixels wide in the picture of that width and height.
        """


class HogDetector(Protocol):
    """dlib's frontal face detector, whoever computes it. It sees faces from about 70 pixels."""

    def detect(self, grey: NDArray[np.uint8], /) -> list[DetectedFace]:
        """Return the faces in a picture, in dlib's order.

        `grey` is uint8 of shape (h, w), C-contiguous, of any size from 1 × 1 on, perhaps
        read-only. The picture is searched as it is: who wants smaller faces enlarges it.
        """
