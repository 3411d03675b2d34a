"""From an untrusted picture file to upright pixels, or to an error that says why not.

Of several frames or pages the first one is read, of a container its primary one. Transparent parts
become white. Colour profiles are ignored: they move a face vector less than two photographs of one
person differ. What browsers show in spite of a fault is read, see `repair`.
"""

from contract.errors import BrokenPicture, UnsupportedPicture
from contract.pictures.kind import HEAD_BYTES, NAMED, PictureKind, picture_kind
from contract.stores.detection import Rotation
from encoder.picture.file_structure import check_parts
from encoder.picture.fully_decoded import FullyDecodedPicture
from encoder.picture.jpeg import JpegPicture
from encoder.picture.limits import PictureLimits
from encoder.picture.pixels import OpenPicture, Pixels
from encoder.picture.plain_file import without_notes
from encoder.picture.refusing import refusing
from encoder.picture.repair import repaired


def open_picture(picture: bytes, limits: PictureLimits, rotate: Rotation = 0) -> OpenPicture:
    """Return the picture in a file, turned clockwise by `rotate` degrees when it is upright.

    Raises EmptyPicture, BodyTooLarge, TooManyPixels, UnsupportedPicture or BrokenPicture.
    """
    limits.check_file(picture)
    kind = picture_kind(picture[:HEAD_BYTES])
    if kind is None:
        raise UnsupportedPicture(f"not a {NAMED} picture")
    check_parts(picture, kind, limits.max_pixels)
    plain = without_notes(picture, kind)
    try:
        return _opened(plain, kind, limits, rotate)
    except BrokenPicture:
        better = repaired(picture, kind, limits)
        if better is None:
            raise
    return _opened(better, kind, limits, rotate)


def _opened(
    picture: bytes, kind: PictureKind, limits: PictureLimits, rotate: Rotation
) -> OpenPicture:
    with refusing(kind):
        if kind == "JPEG":
            return JpegPicture(picture, limits, rotate)
        return FullyDecodedPicture(picture, kind, limits, rotate)


def decode(picture: bytes, limits: PictureLimits, rotate: Rotation = 0) -> Pixels:
    """Return all pixels of the picture file. Takes and raises what `open_picture` does."""
    opened = open_picture(picture, limits, rotate)
    return opened.colours(1).region(0, 0, *opened.size)
