"""Cuts an upright chip of any size out of a picture: by five points, or by a box with a margin."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from encoder.custom.similarity import similarity
from encoder.detector import DetectedFace

_TEMPLATE_SIDE = 112
_TEMPLATE = np.array(
    [
        *(38.2946 + 51.6963j, 73.5318 + 51.5014j),
        *(56.0252 + 71.7366j, 41.5493 + 92.3655j, 70.7299 + 92.2041j),
    ]
)
"""Where ArcFace has eyes, nose and mouth corners, x + yi, in a chip of 112 pixels
(InsightFace, python-package/insightface/utils/face_align.py: arcface_dst)."""
_CENTRE = 0.5 + 0.5j
"""Pillow counts from a pixel's corner; the template, as OpenCV, from its centre."""


def chip_by_points(
    picture: NDArray[np.uint8], points: NDArray[np.float32], size: int
) -> NDArray[np.uint8]:
    """Return the chip, uint8 RGB (size, size, 3), with ArcFace's five points at their places.

    `points` are float32 (5, 2) in pixels of the picture. What is beyond its edges is black.
    """
    scale, offset = similarity(
        _TEMPLATE * (size / _TEMPLATE_SIDE), points[:, 0] + 1j * points[:, 1]
    )
    return _warped(picture, scale, offset + _CENTRE - scale * _CENTRE, size)


def chip_by_box(
    picture: NDArray[np.uint8], box: DetectedFace, margin: float, size: int
) -> NDArray[np.uint8]:
    """Return the chip, uint8 RGB (size, size, 3), of a box widened by `margin` on each side."""
    side = max(box.right - box.left, box.bottom - box.top) + 1
    wide = side * (1 + 2 * margin)
    middle = complex(box.left + box.right + 1, box.top + box.bottom + 1) / 2
    scale = wide / size
    return _warped(picture, complex(scale), middle - scale * (size / 2) * (1 + 1j), size)


def _warped(
    picture: NDArray[np.uint8], scale: complex, offset: complex, size: int
) -> NDArray[np.uint8]:
    """Return the chip whose place z is the picture's place `scale` z + `offset`."""
    across = (scale.real, -scale.imag, offset.real)
    down = (scale.imag, scale.real, offset.imag)
    chip = Image.fromarray(picture).transform(
        (size, size), Image.Transform.AFFINE, (*across, *down), Image.Resampling.BILINEAR
    )
    return np.asarray(chip)
