"""What an encoder finds in a picture."""

from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, eq=False)
class Face:
    """One face of a picture."""

    box: FaceBox
    vector: NDArray[np.float32]
    """float32, shape (d,); the encoder's `model` names what made it."""
    quality: float
    """The detector's confidence: above 0, clear frontal faces are at 1 and more."""


def largest_first(faces: Iterable[Face]) -> list[Face]:
    """Return the faces by falling area of their boxes; equal ones from the top left."""
    return sorted(faces, key=lambda face: (-face.box.area, face.box))
