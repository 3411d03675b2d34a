"""What dlib's frontal face detector has learnt, read from the file in which dlib saves it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoder.files.dlib_values import BadValues, DlibValues

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
    values = DlibValues(data)
    try:
        if values.integers(len(_HEADER)) != _HEADER:
            raise BadDetector("a detector of another shape")
        values.floats(1)  # how it was trained
        size = values.integer()
        overlap, covered = values.floats(2)
        weights = np.array([_column(values) for _ in range(values.integer())])
    except (BadValues, OverflowError, ValueError) as error:
        raise BadDetector("cut short, or no detector") from error
    if weights.ndim != 2 or not weights.shape[1] - 1 == size == PLANES * WINDOW * WINDOW:
        raise BadDetector("filters of another size")
    filters = weights[:, :-1].reshape(-1, PLANES, WINDOW, WINDOW).astype(np.float32)
    return HogModel(filters, weights[:, -1].copy(), overlap, covered)


def _column(values: DlibValues) -> tuple[float, ...]:
    rows, columns = map(abs, values.integers(2))
    return values.floats(rows * columns)
