"""The interface of what aligns a face: finds its landmarks and cuts out an upright chip.

`dlib/alignment.py` and `turbo/alignment/alignment.py` implement it and give the same landmarks and
chips. Each is loaded once and used by one thread at a time.
"""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from encoder.detector import DetectedFace

PADDING = 0.25
"""Of a chip, around the face: what the network was trained on."""


class AlignedFace(NamedTuple):
    """A face as the network sees it."""

    chip: NDArray[np.uint8]
    """uint8 RGB (150, 150, 3): eyes level, at the same place in every chip."""
    landmarks: NDArray[np.float32]
    """dlib's five points (5, 2) in pixels of the picture: two of each eye, then the nose.

    All 68 where those are looked for.
    """


class Alignment(Protocol):
    """dlib's predictor of five points and its chips, for the boxes of both its detectors."""

    def align(self, picture: NDArray[np.uint8], box: DetectedFace) -> AlignedFace:
        """Return the face in a box of a picture, uint8 RGB (h, w, 3)."""
