"""What dlib's frontal face detector has learnt, read from the file in which dlib saves it.

Integers are a control byte (0x80 is the sign, the low half the number of bytes) and a little-endian
magnitude; a float is a mantissa and an exponent of two.
"""

from math import ldexp
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PLANES = 31
"""Features of a cell: 18 directions, 9 orientations, 4 of texture."""
WINDOW = 10
"""Cells along each side of a filter."""
_HEADER = (2, 1, 0, 0, 8, 0, 80, 80, 1000, 64, 64)
"""Versions; cells of 8 pixels; no padding; a window of 80 × 80; all levels down to 64 × 64."""


class BadDetector(Exception):
    """The bytes are not a detector, or not of the shape for which the kernel is made."""


class HogModel(NamedTuple):
    """The filters of one detector."""

    filters: NDArray[np.float32]
    """Shape (filters, 31, 10, 10)."""
    limits: NDArray[np.float64]
    """What a filter's score must reach, shape (filters,)."""
    overlap: float
    """Two boxes are of one face when they share more than this part of the box around both,"""
    covered: float
    """or more than this part of either."""


def read_detector(data: bytes) -> HogModel:
    """Return the detector in a file. Raises BadDetector."""
    reader = _Reader(data)
    try:
        if tuple(reader.integer() for _ in _HEADER) != _HEADER:
            raise BadDetector("a detector of another shape")
        reader.real()  # how it was trained
        size = reader.integer()
        overlap, covered = reader.real(), reader.real()
        weights = np.array([reader.column() for _ in range(reader.integer())])
    except (IndexError, OverflowError, ValueError) as error:
        raise BadDetector("cut short, or no detector") from error
    if weights.ndim != 2 or not weights.shape[1] - 1 == size == PLANES * WINDOW * WINDOW:
        raise BadDetector("filters of another size")
    filters = weights[:, :-1].reshape(-1, PLANES, WINDOW, WINDOW).astype(np.float32)
    return HogModel(filters, weights[:, -1].copy(), overlap, covered)


class _Reader:
    """Takes one value after the other from the bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def integer(self) -> int:
        control = self._data[self._at]
        end = self._at + 1 + (control & 0x0F)
        if end > len(self._data):
            raise IndexError
        magnitude = int.from_bytes(self._data[self._at + 1 : end], "little")
        self._at = end
        return -magnitude if control & 0x80 else magnitude

    def real(self) -> float:
        return ldexp(self.integer(), self.integer())

    def column(self) -> list[float]:
        rows, columns = abs(self.integer()), abs(self.integer())
        return [self.real() for _ in range(rows * columns)]
