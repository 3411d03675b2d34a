"""Samples of 16 bits made 8, whatever part of the 16 a camera used.

Sensors give 10, 12 or 14 bits, and much software stores their numbers as they are: in a picture of
10 bits white is 1023, and its upper bytes alone would be black.
"""

import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_DEPTHS = (8, 10, 12, 14, 16)
"""Bits of a sample. The largest one of a picture tells how many are used."""
_WHITE = (1 << 16) - 1
_OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_GREY_AND_ALPHA = "LA;16B"

Samples = NDArray[np.uint8]


def grey_of_16_bits(samples: NDArray[np.uint16]) -> Samples:
    """Return a band of 16 bits (h, w) in 8."""
    return (samples >> _unused(int(samples.max(initial=0)))).astype(np.uint8)


def halves_samples(image: Any) -> bool:
    """Tell whether Pillow will keep the upper byte of each sample; asked before it decodes."""
    return image.mode in {"RGB", "RGBA"} and any(";16" in _raw_mode(tile) for tile in image.tile)


def with_lower_bytes(upper: Image.Image, opened: Callable[[], Any]) -> Image.Image:
    """Return a picture of which Pillow kept the `upper` bytes, in the 8 bits that it uses.

    Where the upper bytes are small, the lower ones are needed. They come of decoding the picture
    once more, as `opened` opens it, as if its bytes stood the other way round.
    """
    largest = [int(np.max(np.asarray(band))) << 8 for band in upper.split()]
    colour, alpha = max(largest[:3]), largest[3:]
    if _unused(colour) == _unused(_WHITE):
        return upper
    lower = _lower_bytes(opened())
    bands = [
        _joined(high, low, _unused(most))
        for high, low, most in zip(upper.split(), lower, [colour] * 3 + alpha, strict=True)
    ]
    return Image.merge(upper.mode, bands)


def _lower_bytes(image: Any) -> list[Image.Image]:
    """Return the lower bytes of each band of an image that is not decoded yet."""
    grey = _raw_mode(image.tile[0]) == _GREY_AND_ALPHA
    image.tile = [tile._replace(args=_other_order(tile.args)) for tile in image.tile]
    image.load()
    bands: list[Image.Image] = list(image.split())
    return [bands[1], bands[1], bands[1], bands[3]] if grey else bands


def _other_order(args: Any) -> Any:
    """Return a tile's arguments with the bytes of its samples the other way round.

    Two bytes of grey and two of alpha are read as four bands: Pillow has no other way.
    """
    if not isinstance(args, str):
        return (_other_order(args[0]), *args[1:])
    if args == _GREY_AND_ALPHA:
        return "RGBA"
    return re.sub("(?<=;16)[BLN]", lambda order: _OTHER_ORDER[order[0]], args)


def _raw_mode(tile: Any) -> str:
    args = tile.args
    return str(args if isinstance(args, str) else args[0])


def _joined(high: Image.Image, low: Image.Image, unused: int) -> Image.Image:
    upper, lower = np.asarray(high), np.asarray(low)
    return Image.fromarray((upper << (8 - unused)) | (lower >> unused))


def _unused(largest: int) -> int:
    """Return how many lower bits are left out of samples of which this is the largest."""
    return next(depth for depth in _DEPTHS if largest < 1 << depth) - 8
