"""JPEG files: decoded as far as is asked for.

In grey instead of colour, or at a half, a quarter or an eighth of their size, which takes libjpeg
less time.
"""

import io
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from contract.stores.detection import Rotation
from encoder.picture.file_structure import check_passes
from encoder.picture.jpeg_outline import outline_of
from encoder.picture.limits import PictureLimits
from encoder.picture.orientation import ON_ITS_SIDE, orientation_of, turned, upright
from encoder.picture.pixels import CLOSE_ENOUGH, ColourPicture, Pixels, resized
from encoder.picture.refusing import refusing
from encoder.picture.repair import check_nearly_whole, with_end_marker

_HALF = 0.5
"""What a decoder can reduce a JPEG to: this, a quarter or an eighth."""
_MISSING = 128
"""What libjpeg makes of pixels that are not there."""


class JpegPicture:
    """Decoded in grey and reduced for the detector, then in colour for the faces that it sees.

    Where the detector gets all pixels, they are decoded once, in colour: grey is made of them in
    less time than a second decoding takes.
    """

    def __init__(self, picture: bytes, limits: PictureLimits, rotate: Rotation) -> None:
        outline = outline_of(picture)
        self._picture = picture
        image = self._open()
        limits.check_size(*image.size)  # known from the header, before anything is decoded
        check_passes(outline.scans, image.width * image.height, limits.max_pixels)
        self._orientation = turned(orientation_of(image), rotate)
        self._lying = image.size
        on_its_side = self._orientation in ON_ITS_SIDE
        self.size = self._lying[::-1] if on_its_side else self._lying
        self._opened: Image.Image | None = image
        self._cut_short = not outline.ends
        if self._cut_short:
            progressive = "progressive" in image.info
            self._picture = with_end_marker(picture, outline.scans, progressive)
            self._opened = None
        outline.check()

    def grey(self, scale: float) -> NDArray[np.uint8]:
        needed = scale * CLOSE_ENOUGH
        image = self._decoded("L", needed) if needed <= _HALF else self._all
        return np.asarray(resized(image.convert("L"), self.size, scale))

    def small(self, scale: float) -> Pixels:
        image = self._decoded("RGB", scale * CLOSE_ENOUGH)
        return np.asarray(resized(image.convert("RGB"), self.size, scale))

    def colours(self, reduction: int) -> ColourPicture:
        image = self._all if reduction == 1 else self._decoded("RGB", 1 / reduction)
        return ColourPicture(image, max(1, round(max(self.size) / max(image.size))))

    @cached_property
    def _all(self) -> Image.Image:
        return self._decoded("RGB", 1)

    def _decoded(self, mode: str, scale: float) -> Image.Image:
        """Return the upright picture, at least `scale` in size; in `mode` if it is possible."""
        with refusing("JPEG"):
            return upright(self._loaded(mode, scale), self._orientation)

    def _loaded(self, mode: str, scale: float) -> Image.Image:
        image, self._opened = self._opened or self._open(), None  # decoded once each
        image.draft(mode, _least(self._lying, scale))
        image.load()
        if self._cut_short:
            check_nearly_whole(image, _MISSING)
        return image

    def _open(self) -> Image.Image:
        return Image.open(io.BytesIO(self._picture), formats=["JPEG"])


def _least(size: tuple[int, int], scale: float) -> tuple[int, int]:
    width, height = size
    return max(1, int(width * scale)), max(1, int(height * scale))
