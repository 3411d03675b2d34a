"""The picture as the HOG detector looks at it: its size decides how small a face is found.

The detector sees faces from about 70 to 80 pixels, and its time grows with the pixels it is given.
Pictures up to 0.5 megapixels are doubled, so that faces from about 35 pixels are found in them;
above 4 megapixels they are reduced by a whole factor, so that a photograph of any size takes a
bounded time and a face must be as much larger: from about 150 pixels at 12 megapixels.
"""

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from encoder.picture import Pixels

_DOUBLED_UP_TO = 500_000
_REDUCED_FROM = 4_000_000


class DetectionView(NamedTuple):
    """What the detector gets."""

    pixels: NDArray[np.uint8]
    """uint8, grey of shape (h, w) or RGB of shape (h, w, 3)."""
    upsample: int
    """How often the detector doubles it."""
    factor: int
    """One pixel here is a square of `factor` × `factor` pixels of the picture."""


def detection_view(pixels: Pixels, mode: Literal["L", "RGB"]) -> DetectionView:
    """Return the view of a picture, in grey or in colour."""
    area = pixels.shape[0] * pixels.shape[1]
    image = Image.fromarray(pixels)
    if mode != image.mode:
        image = image.convert(mode)
    factor = math.ceil(math.sqrt(area / _REDUCED_FROM)) if area > _REDUCED_FROM else 1
    if factor > 1:
        image = image.reduce(factor)
    return DetectionView(np.array(image), int(area <= _DOUBLED_UP_TO), factor)
