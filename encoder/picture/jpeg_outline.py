"""What a JPEG consists of apart from its pixels, and whether a decoder will stumble over it."""

import io
from typing import NamedTuple

from PIL import Image

from encoder.picture.file_structure import END_OF_IMAGE, START_OF_SCAN, jpeg_segments
from encoder.picture.repair import END_MARKER

_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers of segments that say how large the picture is, SOF0 to SOF15."""
_SIZE_AT, _SIZE = 5, b"\0\x08\0\x08"
"""Where height and width are in such a segment, and those of one block."""


class JpegOutline(NamedTuple):
    """A JPEG's segments."""

    scans: int
    """Each is a pass over all pixels."""
    ends: bool
    """Whether the file has an end."""
    block: bytes
    """A JPEG of a single block, of the same segments and without data of pixels; it has an end."""

    def check(self) -> None:
        """Raise whatever Pillow raises for these segments, which takes it no time.

        Broken pixels libjpeg makes the best of; broken segments it refuses, and only when it has
        decoded all scans that come before them. What stands between the restarts of a single scan
        it passes over, so a JPEG of one is not checked.
        """
        if self.scans > 1:
            Image.open(io.BytesIO(self.block), formats=["JPEG"]).load()


def outline_of(jpeg: bytes) -> JpegOutline:
    """Return the outline of a JPEG. Raises BrokenPicture when it has too many parts."""
    scans, ends, kept = 0, False, [jpeg[:2]]
    for marker, begin, end in jpeg_segments(jpeg):
        segment = jpeg[begin:end]
        if marker in _FRAMES:
            segment = segment[:_SIZE_AT] + _SIZE + segment[_SIZE_AT + len(_SIZE) :]
        kept.append(segment)
        scans += marker == START_OF_SCAN
        ends = marker == END_OF_IMAGE
    if not ends:
        kept.append(END_MARKER)
    return JpegOutline(scans, ends, b"".join(kept))
