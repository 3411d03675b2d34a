"""Files that browsers show although something is wrong with them.

Where the end is missing, what is there is taken, if nearly everything is. Notes that cannot be read
are left out before, see `plain_file`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageFile

from contract.errors import BrokenPicture
from contract.pictures.kind import PictureKind
from encoder.picture.bmp_bitfields import in_plain_colours
from encoder.picture.limits import PictureLimits

_MAY_BE_MISSING = 0.1
"""Of a picture's rows. More is an upload that broke off, whose sender should know."""
_NEEDED_SCANS = 2
"""The first scan of a progressive JPEG has all colours in blocks of 8 pixels, the others detail."""
_END_OF_JPEG = b"\xff\xd9"


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


@contextmanager
def accepting_truncated_files() -> Iterator[None]:
    """Have Pillow take a file that is cut short, in this process; not for several threads."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def check_nearly_whole(image: Image.Image) -> None:
    """Raise BrokenPicture when too much is missing of a picture whose file is cut short.

    Rows that are missing are one colour all over: decoders fill them so.
    """
    rows = np.asarray(image.convert("L"))
    plain = (rows == rows[:, :1]).all(axis=1)
    if plain.mean() > _MAY_BE_MISSING:
        raise BrokenPicture("the file is cut short: too much of the picture is missing")
