"""A picture's orientation by its Exif, and turning it upright."""

import struct

from PIL import Image

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by its orientation in Exif."""
ON_ITS_SIDE = frozenset({5, 6, 7, 8})
"""Orientations in which width and height change places."""
_UNREADABLE = (
    AttributeError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)
"""What Pillow raises when Exif is none."""


def orientation_of(image: Image.Image) -> int:
    """Return the picture's orientation; 1, upright, where nothing readable says so."""
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except _UNREADABLE:
        return 1
    return orientation if isinstance(orientation, int) else 1


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return the image turned and mirrored as its orientation, 1 to 8, says."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)
