"""The picture as the package face_recognition looks at it.

Its users leave the smallest face to the package: that doubles every picture, and finds faces from
about 35 pixels. Here a picture is doubled up to 0.5 megapixels, and reduced by a whole factor from
4 megapixels on, so that a photograph of any size takes a bounded time.
"""

import math
from typing import NamedTuple

import numpy as np
from PIL import Image

from encoder.picture.detection_scale import detection_scales
from encoder.picture.pixels import Pixels

_DOUBLED_UP_TO = 500_000
_REDUCED_FROM = 4_000_000


class DetectorInput(NamedTuple):
    """What the detector gets."""

    pixels: Pixels
    upsample: int
    """How often the detector doubles it."""
    factor: float
    """One pixel here is a square of `factor` × `factor` pixels of the picture."""


def detector_input(pixels: Pixels, min_face_px: int | None) -> DetectorInput:
    """Return the view of a picture."""
    height, width = pixels.shape[:2]
    if min_face_px is not None:
        return _scaled(pixels, detection_scales(width, height, "hog", min_face_px)[0])
    area = height * width
    factor = math.ceil(math.sqrt(area / _REDUCED_FROM))
    if factor > 1:
        pixels = _pixels(Image.fromarray(pixels).reduce(factor))
    return DetectorInput(pixels, int(area <= _DOUBLED_UP_TO), factor)


def _scaled(pixels: Pixels, scale: float) -> DetectorInput:
    height, width = pixels.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return DetectorInput(_pixels(image), 0, 1 / scale)


def _pixels(image: Image.Image) -> Pixels:
    return np.asarray(image)
