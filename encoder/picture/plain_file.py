"""Picture files without what is not the picture.

Decoders read notes with less care than pixels: thousands of pieces of Exif keep Pillow busy for a
quarter of a minute, and a PNG's texts and profiles unfold. So they are left out before a file is
opened, whether they can be read or not; browsers show a picture in spite of them.
"""

import zlib

from contract.pictures.kind import PictureKind
from encoder.picture.file_structure import START_OF_SCAN, jpeg_segments, png_chunks

_JFIF, _EXIF, _ADOBE = 0xE0, 0xE1, 0xEE
_MARKS = {_JFIF: (b"JFIF\0", 18), _EXIF: (b"Exif\0\0", 18), _ADOBE: (b"Adobe", 16)}
"""What is of use of a JPEG's notes: how its colours are stored, and how it is turned.

Of each, how it begins and the fewest bytes of its segment."""
_NOTES = frozenset({*range(0xE0, 0xF0), 0xFE})
_PNG_PICTURE = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_PNG_MARKS = frozenset({b"tRNS", b"eXIf"})
_MOST_MARK_BYTES = 65_536
"""Of one of a PNG; a JPEG's cannot be longer."""


def without_notes(picture: bytes, kind: PictureKind) -> bytes:
    """Return a JPEG or PNG of its picture, transparency, orientation and kind of colours alone.

    Any other file is returned as it is. Raises BrokenPicture when it has too many parts.
    """
    if kind == "JPEG":
        return _plain_jpeg(picture)
    return _plain_png(picture) if kind == "PNG" else picture


def _plain_jpeg(jpeg: bytes) -> bytes:
    kept, rest = [jpeg[:2]], len(jpeg)
    missing = set(_MARKS)
    for marker, begin, end in jpeg_segments(jpeg):
        if marker == START_OF_SCAN:
            rest = begin
            break
        if marker not in _NOTES:
            kept.append(jpeg[begin:end])
        elif marker in missing and _is_mark(marker, jpeg[begin:end]):
            missing.remove(marker)
            kept.append(jpeg[begin:end])
    return b"".join([*kept, jpeg[rest:]])


def _is_mark(marker: int, segment: bytes) -> bool:
    start, size = _MARKS[marker]
    return segment.startswith(start, 4) and len(segment) >= size


def _plain_png(png: bytes) -> bytes:
    """Return a PNG of its picture, and the first of each of its marks whose checksum is right.

    A decoder takes a mark of the wrong kind for the end of the file.
    """
    kept, missing = [png[:8]], set(_PNG_MARKS)
    for name, begin, end in png_chunks(png):
        if name in _PNG_PICTURE:
            kept.append(png[begin:end])
        elif name in missing and end - begin <= _MOST_MARK_BYTES and _is_right(png[begin:end]):
            missing.remove(name)
            kept.append(png[begin:end])
    return b"".join(kept)


def _is_right(chunk: bytes) -> bool:
    return zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:])
