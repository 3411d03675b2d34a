"""The part of a picture where something moves that no face explains."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from contract.stores.region import Region
from encoder.face import FaceBox

_CELL = 10
"""Pixels of the thumbnail, of which a width has 160."""
_CHANGED = 8
"""Of a cell's 100 pixels: a head of 80 pixels in 1080p, 45 of the thumbnail's, fills four cells."""
_ABOVE, _BESIDE_HEAD, _BESIDE_BODY = 0.75, 1.0, 2.0
"""Widths of a face: hair, shoulders, and arms and what is below them."""


def moved_part(
    changed: NDArray[np.bool_], size: tuple[int, int], faces: Iterable[FaceBox]
) -> FaceBox | None:
    """Return the box around what has moved, in pixels of a picture of that width and height.

    `changed` is the thumbnail's, turned as the picture is. Bodies below `faces` are left out. The
    box is a cell wider on each side; None where nothing else has moved.
    """
    rows, columns = changed.shape
    across, down = size[0] / columns, size[1] / rows
    others = changed.copy()
    for face in faces:
        width = face.right - face.left
        for top, beside in ((face.top - _ABOVE * width, _BESIDE_HEAD), (face.bottom, _BESIDE_BODY)):
            left, right = face.left - beside * width, face.right + beside * width
            rows_below = slice(max(0, int(top / down)), None)
            others[rows_below, max(0, int(left / across)) : max(0, int(right / across) + 1)] = False
    cells = _cells(others)
    if not cells.any():
        return None
    found_rows, found_columns = np.nonzero(cells)
    top, bottom = int(found_rows.min()), int(found_rows.max()) + 1
    left, right = int(found_columns.min()), int(found_columns.max()) + 1
    return FaceBox.clipped(
        top=int((top - 1) * _CELL * down),
        right=int((right + 1) * _CELL * across),
        bottom=int((bottom + 1) * _CELL * down),
        left=int((left - 1) * _CELL * across),
        height=size[1],
        width=size[0],
    )


def within(changed: NDArray[np.bool_], region: Region) -> NDArray[np.bool_]:
    """Return which pixels have changed in the box around a region."""
    rows, columns = changed.shape
    across, down = zip(*region.points, strict=True)
    kept = np.zeros_like(changed)
    place = np.s_[
        int(min(down) * rows) : int(max(down) * rows) + 1,
        int(min(across) * columns) : int(max(across) * columns) + 1,
    ]
    kept[place] = changed[place]
    return kept


def _cells(changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    rows, columns = (-(-side // _CELL) for side in changed.shape)
    padded = np.zeros((rows * _CELL, columns * _CELL), bool)
    padded[: changed.shape[0], : changed.shape[1]] = changed
    counts = padded.reshape(rows, _CELL, columns, _CELL).sum(axis=(1, 3))
    return np.asarray(counts >= _CHANGED)
