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

MAY_BE_MISSING = 0.1
"""Of a picture's rows or tiles. More is an upload that broke off, whose sender should know."""
TOO_MUCH_IS_MISSING = "the file is cut short: too much of the picture is missing"
_NEEDED_SCANS = 2
"""The first scan of a progressive JPEG has all colours in blocks of 8 pixels, the others detail."""
END_MARKER = b"\xff\xd9"
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
    return jpeg + END_MARKER


def check_nearly_whole(image: Image.Image, filling: int | None = None) -> None:
    """Raise BrokenPicture when too much is missing of a picture whose file is cut short.

    Rows that are missing are one colour all over: decoders fill them so, libjpeg with `filling` in
    all channels. They are looked at in bands, which take little memory, until there are too many.
    """
    missing = 0
    for top in range(0, image.height, _BAND):
        bottom = min(image.height, top + _BAND)
        band = np.asarray(image.crop((0, top, image.width, bottom)))
        rows = band.reshape(bottom - top, image.width, -1)
        plain = (rows == rows[:, :1]).all(axis=(1, 2))
        if filling is not None:
            plain &= (abs(rows[:, 0].astype(int) - filling) <= 1).all(axis=1)
        missing += int(plain.sum())
        if missing > MAY_BE_MISSING * image.height:
            raise BrokenPicture(TOO_MUCH_IS_MISSING)
