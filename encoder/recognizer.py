"""The interface of what makes the vectors of faces: a chip, a network, and how vectors are joined.

`resnet_recognizer.py` does it with dlib's network, `custom/recognizer.py` with one of the user's.
Each is loaded once and used by one thread at a time.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from encoder.alignment import AlignedFace
from encoder.detector import DetectedFace


class FaceCut(NamedTuple):
    """A part of a picture with a face in a box, and as much around it as alignment may touch."""

    pixels: NDArray[np.uint8]
    """uint8 RGB, shape (h, w, 3)."""
    box: DetectedFace
    """In pixels of this part."""

    @property
    def mirrored(self) -> Self:
        """The mirror image."""
        flipped = self.box.mirrored(self.pixels.shape[1])
        return type(self)(np.ascontiguousarray(self.pixels[:, ::-1]), flipped)


class FaceDescription(NamedTuple):
    """A face's vectors: the one to recognise by, and the network's own."""

    mean: NDArray[np.float32]
    """float32, shape (d,), of unit length."""
    plain: NDArray[np.float32]
    """float32, shape (d,), of any length."""


class Recognizer(Protocol):
    """Makes the vectors of the faces of a picture."""

    @property
    def model(self) -> str:
        """Name and version of what makes the vectors; vectors of two models never meet."""

    @property
    def dimension(self) -> int:
        """Length d of a vector."""

    def describe(
        self, cuts: Sequence[FaceCut], aligned: Sequence[AlignedFace]
    ) -> list[FaceDescription]:
        """Return the vectors of the faces of a picture, at least one, in one batch.

        `aligned` are the same faces as dlib's alignment by five landmarks gives them.
        """

    def template(self, cut: FaceCut, described: FaceDescription) -> NDArray[np.float32]:
        """Return the vector (d,) of unit length to enroll a face by; `describe` gave the other."""
