"""The levels of dlib's HOG pyramid, and a detection window's box in the picture."""

import math
from functools import cache, lru_cache

SMALLEST_LEVEL = 64
"""Pixels along the shorter side of the smallest level of a pyramid."""
_WINDOW = 10
_CELL = 8
_FIRST = 3
"""The window in the first place begins three cells outside the picture and one in the border."""


@lru_cache(1000)  # cameras keep to their size
def levels(height: int, width: int) -> int:
    """Return how many levels the pyramid of a picture has: each has 5/6 of the one before."""
    left, top, right, bottom = 0, 0, width - 1, height - 1
    count = 0
    while True:
        left, top, right, bottom = (
            _rounded((at - 0.3) * (5 / 6)) for at in (left, top, right, bottom)
        )
        count += 1
        if right - left + 1 < SMALLEST_LEVEL or bottom - top + 1 < SMALLEST_LEVEL:
            return count


def box_of(level: int, row: int, column: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom, inclusive, of the window in a place of a level."""
    last = _WINDOW - 1
    left, top, right, bottom = (
        _in_picture(cell, level) for cell in (column, row, column + last, row + last)
    )
    return left, top, right, bottom


@cache
def _in_picture(cell: int, level: int) -> int:
    corner = (cell - _FIRST) * _CELL + 1
    at = float(corner + _CELL // 2 if corner >= 0 else corner - _CELL // 2)
    for _ in range(level):
        at = at * (6 / 5) + 0.3
    return _rounded(at)


def _rounded(value: float) -> int:
    """Round to the nearest integer, halves away from zero."""
    return int(math.copysign(math.floor(abs(value) + 0.5), value))
