"""The interface of the network that makes a vector (dlib: a descriptor) of an aligned face.

`turbo/network/descriptor.py`, `onnx/descriptor.py` and `dlib/descriptor.py` implement it.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

CHIP = 150
"""Pixels of the side of an aligned face."""


class Descriptor(Protocol):
    """dlib's ResNet, whoever computes it."""

    @property
    def model(self) -> str:
        """Name and version of the network; vectors of two models never meet."""

    @property
    def dimension(self) -> int:
        """Length d of a vector."""

    def describe(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the network's vectors, float32 (n, d), of aligned faces (n, 150, 150, 3) RGB."""
