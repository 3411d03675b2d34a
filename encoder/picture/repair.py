"""Files that browsers show although something is wrong with them.

What does not belong to the picture is taken out when it cannot be read: notes of a JPEG, chunks of
a PNG. Where the end is missing, what is there is taken, if nearly everything is.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageFile

from contract.errors import BrokenPicture
from contract.pictures.kind import PictureKind
from encoder.picture.bmp_bitfields import in_plain_colours
from encoder.picture.file_structure import START_OF_SCAN, jpeg_segments, png_chunks
from encoder.picture.limits import PictureLimits

_MAY_BE_MISSING = 0.1
"""Of a picture's rows. More is an upload that broke off, whose sender should know."""
_NEEDED_SCANS = 2
"""The first scan of a progressive JPEG has all colours in blocks of 8 pixels, the others detail."""
_NOTES = frozenset({*range(0xE0, 0xF0), 0xFE})
_EXIF, _ADOBE = 0xE1, 0xEE
_ADOBE_BYTES = 16
_PNG_PICTURE = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_PNG_NOTES = frozenset({b"tRNS", b"eXIf", b"tEXt", b"zTXt", b"iTXt"})
"""Transparency, orientation and texts; a text that unfolds to megabytes stays, and is refused."""
_END_OF_JPEG = b"\xff\xd9"


def repaired(picture: bytes, kind: PictureKind, limits: PictureLimits) -> bytes | None:
    """Return a file that cannot be opened without what is wrong; None when there is no such thing.

    Raises a PictureError when what is wrong is the picture itself.
    """
    match kind:
        case "JPEG":
            return _without_notes(picture)
        case "PNG":
            return _png_of(picture, _PNG_NOTES)
        case "BMP":
            return in_plain_colours(picture, limits)
    return None


def with_end_marker(jpeg: bytes, scans: int, progressive: bool) -> bytes:
    """Return a JPEG that is cut short with an end. Raises BrokenPicture when too much is gone."""
    if progressive and scans < _NEEDED_SCANS:
        raise BrokenPicture("the JPEG file is cut short")
    return jpeg + _END_OF_JPEG


def without_metadata(picture: bytes, kind: PictureKind) -> bytes:
    """Return a file without notes: Pillow is careless with them in a file that is cut short."""
    return _png_of(picture, frozenset()) if kind == "PNG" else picture


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


def _without_notes(jpeg: bytes) -> bytes:
    """Return a JPEG without notes but its Exif and the mark of how its colours are stored."""
    kept, rest = [jpeg[:2]], len(jpeg)
    for marker, begin, end in jpeg_segments(jpeg):
        if marker == START_OF_SCAN:
            rest = begin
            break
        if marker not in _NOTES or _is_of_use(marker, jpeg[begin:end]):
            kept.append(jpeg[begin:end])
    return b"".join([*kept, jpeg[rest:]])


def _is_of_use(marker: int, segment: bytes) -> bool:
    if marker == _ADOBE:
        return segment[4:9] == b"Adobe" and len(segment) >= _ADOBE_BYTES
    return marker == _EXIF and segment[4:10] == b"Exif\0\0"


def _png_of(png: bytes, notes: frozenset[bytes]) -> bytes:
    """Return a PNG of its picture, and of those `notes` whose checksums are right."""
    kept = [png[:8]]
    for name, begin, end in png_chunks(png):
        if name in _PNG_PICTURE or (name in notes and _is_right(png[begin:end])):
            kept.append(png[begin:end])
    return b"".join(kept)


def _is_right(chunk: bytes) -> bool:
    return zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:])
