"""What an encoder returns for a face: its box, vectors, detection confidence and quality."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray


class FaceBox(NamedTuple):
    """A face's place in pixels of the upright original, within the picture.

    Right and bottom are exclusive.
    """

    top: int
    right: int
    bottom: int
    left: int

    @classmethod
    def clipped(
        cls, *, top: int, right: int, bottom: int, left: int, height: int, width: int
    ) -> Self:
        """Return the part of a box that lies in a picture of `height` × `width` pixels."""
        return cls(max(top, 0), min(right, width), min(bottom, height), max(left, 0))

    @property
    def area(self) -> int:
        """Pixels inside."""
        return (self.bottom - self.top) * (self.right - self.left)

    def overlap(self, other: "FaceBox") -> float:
        """Return the intersection with another box over their union, 0 to 1."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.area + other.area - shared)

    def moved(self, right: int, down: int) -> "FaceBox":
        """Return the box so many pixels further right and down."""
        return FaceBox(self.top + down, self.right + right, self.bottom + down, self.left + right)


class FaceQuality(NamedTuple):
    """How well a face can be seen: what decides whether a picture is good enough to enrol."""

    width: int
    """Pixels of the face's box in the upright original."""
    sharpness: float
    """Least variance of the second difference, across or down, on the grey chip.

    The weaker of the two directions, because motion blurs one way only.
    """
    light: float
    """Mean luminance of the face, 0 to 255."""
    yaw: float
    """Nose off the middle of the eyes, along the eye line, in eye distances; 0 is frontal."""
    pitch: float
    """Nose below the eye line, in eye distances; about 0.78 is frontal."""
    roll: float
    """Tilt of the eye line in degrees."""
    frontal: bool = True
    """Not so of a face that only the CNN sees: in profile or half hidden, whatever `yaw` says."""


@dataclass(frozen=True, eq=False)
class SecondVectors:
    """A face's vectors of the encoder's second model: float32, shape (d,), of unit length."""

    vector: NDArray[np.float32]
    """To recognise by."""
    template: NDArray[np.float32] | None = None
    """To enrol by, when that was asked for."""

    @property
    def to_enroll(self) -> NDArray[np.float32]:
        """The best vector that there is to enrol by."""
        return self.vector if self.template is None else self.template


@dataclass(frozen=True, eq=False)
class Face:
    """One face of a picture."""

    box: FaceBox
    vector: NDArray[np.float32]
    """float32, shape (d,), of unit length; the encoder's `model` names what made it.

    The mean direction of the network's vectors for the face and for its mirror image.
    """
    confidence: float
    """The detector's confidence: above 0, clear frontal faces are at 1 and more."""
    quality: FaceQuality
    plain: NDArray[np.float32] | None = None
    """float32, shape (d,), of any length: the network's vector of the face as it is.

    What others compare who use the same network; only evaluations use it.
    """
    template: NDArray[np.float32] | None = None
    """float32, shape (d,), of unit length: to enrol the face by, when that was asked for.

    It is told by more than `vector` is, and compared with others' `vector`.
    """
    second: SecondVectors | None = None
    """What the encoder's second model makes of the same face, if it has one."""

    @property
    def to_enroll(self) -> NDArray[np.float32]:
        """The best vector that there is to enrol by."""
        return self.vector if self.template is None else self.template


def mean_direction(*descriptors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the vectors of faces from the network's vectors of several chips of each.

    All are float32 of shape (n, d) or (d,); those of the result have unit length.
    """
    total = reduce(np.add, descriptors)
    vectors: NDArray[np.float32] = total / np.sqrt(np.vecdot(total, total))[..., None]
    return vectors


def largest_first(faces: Iterable[Face]) -> list[Face]:
    """Return the faces by falling area of their boxes; equal ones from the top left."""
    return sorted(faces, key=rank)


def rank(face: Face) -> tuple[int, FaceBox]:
    """Return what is less for a face that comes before others."""
    return -face.box.area, face.box
