"""The interface of an opened picture: grey or RGB pixels at the scale that is asked for."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
"""uint8 RGB, shape (height, width, 3), upright."""

CLOSE_ENOUGH = 0.88
_LITTLE_MORE = 1.05
"""A picture between these parts of the wanted size is not resized: that would take longer."""


class ColourPicture:
    """An upright picture in colour, perhaps smaller than the file's by a whole factor."""

    def __init__(self, image: Image.Image, reduction: int) -> None:
        self.width, self.height = image.size
        self.reduction = reduction
        """A pixel here is a square of so many pixels of the file, along each side."""
        self._image = image

    def region(self, left: int, top: int, right: int, bottom: int) -> Pixels:
        """Return a part of the picture; right and bottom are exclusive."""
        part = self._image
        if (left, top, right, bottom) != (0, 0, self.width, self.height):
            part = part.crop((left, top, right, bottom))
        return np.asarray(part if part.mode == "RGB" else part.convert("RGB"))


class OpenPicture(Protocol):
    """A picture whose file begins well. What else is asked for may raise a PictureError."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the upright picture."""

    def grey(self, scale: float) -> NDArray[np.uint8]:
        """Return the upright picture in grey (h, w), scaled by about this factor."""

    def small(self, scale: float) -> Pixels:
        """Return the upright picture in RGB (h, w, 3), scaled by about this factor."""

    def colours(self, reduction: int) -> ColourPicture:
        """Return the upright picture in colour, reduced by 1, 2, 4 or 8, or by less than that."""


class RgbPicture:
    """An upright picture that is decoded already."""

    def __init__(self, image: Image.Image) -> None:
        """`image` has the mode RGB."""
        self._image = image
        self.size = image.size

    def grey(self, scale: float) -> NDArray[np.uint8]:
        return np.asarray(resized(self._image.convert("L"), self.size, scale))

    def small(self, scale: float) -> Pixels:
        return np.asarray(resized(self._image, self.size, scale))

    def colours(self, reduction: int) -> ColourPicture:
        return ColourPicture(self._image, 1)


def resized(image: Image.Image, original: tuple[int, int], scale: float) -> Image.Image:
    """Return the picture `original` × `scale` in size, or nearly so if it is that already."""
    width, height = (max(1, round(side * scale)) for side in original)
    if CLOSE_ENOUGH <= image.width / width <= _LITTLE_MORE:
        return image
    return image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
