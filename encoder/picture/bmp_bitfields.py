"""Reads BMPs whose colours are given by bit masks (BI_BITFIELDS), of which Pillow reads a few."""

import struct

import numpy as np
from numpy.typing import NDArray

from contract.errors import BrokenPicture
from encoder.picture.limits import PictureLimits

_HEADER = struct.Struct("<iiHHI")
_HEADER_AT, _MASKS_AT = 18, 54
_BITFIELDS = frozenset({3, 6})
_PLAIN = struct.Struct("<2sIHHIIiiHHIIiiII")


def in_plain_colours(picture: bytes, limits: PictureLimits) -> bytes | None:
    """Return a BMP with masks as one of 24 bits a pixel; None for any other file.

    Raises TooManyPixels, and BrokenPicture when pixels are missing.
    """
    if len(picture) < _MASKS_AT + 12:
        return None
    width, height, _, bits, compression = _HEADER.unpack_from(picture, _HEADER_AT)
    if compression not in _BITFIELDS or bits not in {16, 32} or width <= 0 or height == 0:
        return None
    limits.check_size(width, abs(height))
    numbers = _numbers(picture, width, abs(height), bits)
    masks = struct.unpack_from("<III", picture, _MASKS_AT)
    blue_first = np.stack([_channel(numbers, mask) for mask in reversed(masks)], axis=-1)
    return _plain(blue_first, height)


def _numbers(picture: bytes, width: int, height: int, bits: int) -> NDArray[np.uint32]:
    """Return the pixels (h, w), in the order of the file."""
    begin = int.from_bytes(picture[10:14], "little")
    row = (width * bits // 8 + 3) // 4 * 4
    if begin + row * height > len(picture):
        raise BrokenPicture("the BMP file is cut short")
    kind = np.dtype("<u2" if bits == 16 else "<u4")
    rows = np.frombuffer(picture, np.uint8, row * height, begin).reshape(height, row)
    return rows.view(kind)[:, :width].astype(np.uint32)


def _channel(numbers: NDArray[np.uint32], mask: int) -> NDArray[np.uint8]:
    if mask == 0:
        return np.zeros(numbers.shape, np.uint8)
    lowest = (mask & -mask).bit_length() - 1
    values = (numbers & np.uint32(mask)) >> np.uint32(lowest)
    return (values.astype(np.float32) * (255 / (mask >> lowest)) + 0.5).astype(np.uint8)


def _plain(pixels: NDArray[np.uint8], height: int) -> bytes:
    rows, width = pixels.shape[:2]
    padded = np.zeros((rows, (width * 3 + 3) // 4 * 4), np.uint8)
    padded[:, : width * 3] = pixels.reshape(rows, width * 3)
    size = _PLAIN.size + padded.size
    header = _PLAIN.pack(
        *(b"BM", size, 0, 0, _PLAIN.size, 40, width, height, 1, 24, 0, padded.size, 0, 0, 0, 0)
    )
    return header + padded.tobytes()
