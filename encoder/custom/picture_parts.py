"""Parts of a picture, each as large as a detector's input, for faces that are too small in it all.

They overlap, so that a face no wider than that is whole in one of them at least.
"""

import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

from encoder.detector import DetectedFace

_OVERLAP = 0.25
"""Of a part's side, shared with the next one. Larger faces are seen in the whole picture."""
_LITTLE_MORE = 1.05
"""Of the input's side: a picture up to this is seen as large as it is."""


class PicturePart(NamedTuple):
    """A part's place in the picture; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def cuts(self, face: DetectedFace, width: int, height: int) -> bool:
        """Say whether a face's box reaches this part's edge, where the picture goes on.

        The face is in pixels of the picture, which is so wide and high.
        """
        return (
            (face.left <= self.left and self.left > 0)
            or (face.top <= self.top and self.top > 0)
            or (face.right >= self.right - 1 and self.right < width)
            or (face.bottom >= self.bottom - 1 and self.bottom < height)
        )


def picture_parts(width: int, height: int, side: int) -> Iterator[PicturePart]:
    """Yield the parts of a picture, `side` pixels wide and high or less; none of one that fits."""
    if max(width, height) <= side * _LITTLE_MORE:
        return
    for top, left in itertools.product(_starts(height, side), _starts(width, side)):
        yield PicturePart(left, top, min(left + side, width), min(top + side, height))


def _starts(length: int, side: int) -> list[int]:
    """Return where the parts begin along one side of the picture."""
    if length <= side:
        return [0]
    shared = side * _OVERLAP
    steps = math.ceil((length - side) / (side - shared))
    return [round(step * (length - side) / steps) for step in range(steps + 1)]
