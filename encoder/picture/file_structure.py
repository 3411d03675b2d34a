"""Counts what a picture file consists of, before a decoder walks through it.

Decoders trust a file to have few parts. One made of a million empty ones keeps them busy for
minutes with a handful of pixels, and every further scan of a progressive JPEG costs a pass over
all of its pixels. The counts here end at their limits, so that they cost milliseconds at most.
"""

import re
from collections.abc import Iterator

from contract.errors import BrokenPicture, TooManyPixels, UnsupportedPicture
from contract.pictures.kind import PictureKind
from encoder.picture.heif_container import check_container
from encoder.picture.tiff_directory import check_tiff

_MOST_PARTS = 10_000
"""Segments, chunks or blocks: 20 MB in the smallest usual chunks, of 8 kB, are 2,500."""
_MOST_GIF_PIECES = 200_000
"""A GIF's data come in pieces of up to 255 bytes."""
_BMP_HEADER = 40
"""Bytes from which on a BMP's header says how it is compressed."""
_BMP_RUN_LENGTHS = frozenset({1, 2})
"""Values of its compression, for 8 and for 4 bits a pixel."""
_MOST_FRAMES = 1_000
_MOST_SCANS = 16
"""Passes over a picture of the largest size; encoders make 10."""

_NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
_WITHOUT_LENGTH = frozenset({0x01, 0xD8, END_OF_IMAGE})


def check_parts(picture: bytes, kind: PictureKind, max_pixels: int) -> None:
    """Raise BrokenPicture or TooManyPixels for a file of too many parts, or without some of them.

    Raises UnsupportedPicture for one that is compressed in a way which costs too much. The parts of
    a JPEG and of a PNG are counted by whoever reads them.
    """
    match kind:
        case "HEIF" | "AVIF":
            check_container(picture, kind, max_pixels)
        case "BMP":
            _check_bmp(picture)
        case "GIF":
            _check_gif(picture)
        case "TIFF":
            check_tiff(picture, max_pixels)


def check_frames(frames: int) -> None:
    """Raise TooManyPixels when an animation has too many frames."""
    if frames > _MOST_FRAMES:
        raise TooManyPixels(f"an animation of more than {_MOST_FRAMES} frames")


def check_passes(passes: int, pixels: int, max_pixels: int) -> None:
    """Raise TooManyPixels when a decoder passes too often over so many pixels."""
    if passes * pixels > max(_MOST_SCANS * max_pixels, pixels):
        raise TooManyPixels("a JPEG of too many scans for its size")


def jpeg_segments(picture: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, begin and end of a JPEG's segments; the last one is its end, if it has one.

    Raises BrokenPicture when there are too many.
    """
    at, parts, scans = 2, 0, 0
    while at < len(picture):
        # Before the first scan, filling is read by Python, and there is none in sound files.
        end = len(picture) if scans else at + _MOST_PARTS
        found = _NEXT_MARKER.search(picture, at, end)
        if found is None and end < len(picture):
            raise BrokenPicture("the JPEG file has no beginning of a picture")
        if found is None:
            break
        begin, marker = found.start(), picture[found.start() + 1]
        parts += 1
        _check(parts, _MOST_PARTS, "JPEG")
        scans += marker == START_OF_SCAN
        at = begin + 2
        if marker not in _WITHOUT_LENGTH:
            at += max(2, int.from_bytes(picture[at : at + 2]))
        yield marker, begin, at
        if marker == END_OF_IMAGE:
            return


def png_chunks(picture: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, begin and end of a PNG's chunks. Raises BrokenPicture when there are too many."""
    at, chunks = 8, 0
    while at + 12 <= len(picture):
        chunks += 1
        _check(chunks, _MOST_PARTS, "PNG")
        name, begin = picture[at + 4 : at + 8], at
        at += 12 + int.from_bytes(picture[at : at + 4])
        yield name, begin, at
        if name == b"IEND":
            return


def _check_bmp(picture: bytes) -> None:
    """Refuse run lengths: no camera writes them, and what Pillow has for them is slow."""
    header, compression = (int.from_bytes(picture[at : at + 4], "little") for at in (14, 30))
    if header >= _BMP_HEADER and compression in _BMP_RUN_LENGTHS:
        raise UnsupportedPicture("BMP files with run-length encoding are not read")


def _check_gif(picture: bytes) -> None:
    """Walk through blocks: an extension or a frame, each a header and pieces of data."""
    at = 13 + _colours(picture[10]) if len(picture) > 10 else len(picture)
    blocks, frames, pieces = 0, 0, 0
    while at < len(picture) and (kind := picture[at : at + 1]) != b";":
        blocks += 1
        _check(blocks, _MOST_PARTS, "GIF")
        at += {b"!": 2, b",": 10}.get(kind, 1)
        if kind == b",":
            frames += 1
            check_frames(frames)
            at += (_colours(picture[at - 1]) if at <= len(picture) else 0) + 1
        while kind in b"!," and at < len(picture) and picture[at]:
            pieces += 1
            _check(pieces, _MOST_GIF_PIECES, "GIF")
            at += picture[at] + 1
        at += kind in b"!,"


def _colours(flags: int) -> int:
    """Return the bytes of the table of colours that `flags` announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _check(count: int, most: int, file_format: str) -> None:
    if count > most:
        raise BrokenPicture(f"the {file_format} file has more than {most} parts")
