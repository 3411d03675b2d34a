"""Files that browsers show although something is wrong with them.

Where the end is missing, what is there is taken, if nearly everything is. Notes that cannot be read
are left out before, see `plain_file`.
"""

import numpy as np
from PIL import Image

from contract.errors import BrokenPicture
from contract.pictures.kind import PictureKind
from encoder.picture.bmp_bitfields import in_plain_colours
from encoder.picture.limits import PictureLimits

_MAY_BE_MISSING = 0.1
"""Of a picture's rows. More is an upload that broke off, whose sender should know."""
_NEEDED_SCANS = 2
"""The first scan of a progressive JPEG has all colours in blocks of 8 pixels, the others detail."""
_END_OF_JPEG = b"\xff\xd9"
_BAND = 64
"""Rows."""


def repaired(picture: bytes, kind: PictureKind, limits: PictureLimits) -> bytes | None:
    """Return a file that cannot be opened without what is wrong; None when there is no such thing.

    Raises a PictureError when what is wrong is the picture itself.
    """
    return in_plain_colours(picture, limits) if kind == "BMP" else None


def with_end_marker(jpeg: bytes, scans: int, progressive: bool) -> bytes:
    """Return a JPEG that is cut short with an end. Raises BrokenPicture when too much is gone."""
    if progressive and scans < _NEEDED_SCANS:
        raise BrokenPicture("the JPEG file is cut short")
    return jpeg + _END_OF_JPEG


def check_nearly_whole(image: Image.Image) -> None:
    """Raise BrokenPicture when too much is missing of a picture whose file is cut short.

    Rows that are missing are one colour all over: decoders fill them so. They are looked at in
    bands, which take little memory, until there are too many of them.
    """
    missing = 0
    for top in range(0, image.height, _BAND):
        bottom = min(image.height, top + _BAND)
        rows = np.asarray(image.crop((0, top, image.width, bottom))).reshape(
            bottom - top, image.width, -1
        )
        missing += int((rows == rows[:, :1]).all(axis=(1, 2)).sum())
        if missing > _MAY_BE_MISSING * image.height:
            raise BrokenPicture("the file is cut short: too much of the picture is missing")
