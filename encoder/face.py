"""What an encoder finds in a picture."""

from dataclasses import dataclass
from typing import NamedTuple

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
