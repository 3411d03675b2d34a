"""A picture's orientation by its Exif and by how its camera hangs, and turning it upright."""

import struct

from PIL import Image

from contract.stores.detection import Rotation

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
_CYCLES = ((1, 6, 3, 8), (2, 7, 4, 5))
"""Orientations, each of which is the one before it turned clockwise by 90 degrees."""
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


def turned(orientation: int, clockwise: Rotation) -> int:
    """Return the orientation of which a picture is upright when it is also turned `clockwise`."""
    for cycle in _CYCLES:
        if orientation in cycle:
            return cycle[(cycle.index(orientation) + clockwise // 90) % 4]
    return turned(1, clockwise)


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return the image turned and mirrored as its orientation, 1 to 8, says."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)
