"""How much of a picture shows something else than before: after a cut, everything does.

Light changes what is bright and leaves what is to be seen; a door that opens, or somebody who comes
near, shows something else in one part. So cells of the thumbnail are compared by their pattern and
not by their brightness, and a little shifted, for cameras shake. Measured on the clip
(tests/facegate/camera/test_clip.py): its three cuts replace .79 to .81 of the cells, though no more
than half of the pixels change; its two other frames in which so many pixels change, .50 and .52.
"""

import numpy as np
from numpy.typing import NDArray

_CELL = 10
"""Pixels of the thumbnail, of which a width has 160."""
_REACH = 2
"""Pixels by which what is to be seen may have moved."""
_ALIKE = 0.6
"""Correlation of two patterns that are the same."""
_PATTERN = 3.0
"""Standard deviation of a cell in which there is anything to compare, of 255 levels."""


def replaced_share(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> float:
    """Return which part of what is to be seen is not what it was, 0 to 1.

    Both are thumbnails of the same shape (h, w), luminance. Of two pictures without any pattern,
    as of a wall, it is 0.
    """
    patterns, strength = _cells(before)
    likeness = np.full(len(patterns), -1.0)
    shifted = np.pad(now, _REACH, mode="edge")
    for down, right in np.ndindex(2 * _REACH + 1, 2 * _REACH + 1):
        others, _ = _cells(shifted[down : down + now.shape[0], right : right + now.shape[1]])
        likeness = np.maximum(likeness, np.vecdot(patterns, others))
    told = np.maximum(strength, _cells(now)[1]) > _PATTERN
    return float((likeness[told] < _ALIKE).mean()) if told.any() else 0.0


def _cells(picture: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the pattern of each whole cell as a direction (n, 100), and its deviation (n,)."""
    rows, columns = (side // _CELL for side in picture.shape)
    whole = picture[: rows * _CELL, : columns * _CELL].astype(np.float32)
    cells = whole.reshape(rows, _CELL, columns, _CELL).swapaxes(1, 2).reshape(-1, _CELL**2)
    patterns = cells - cells.mean(axis=1, keepdims=True)
    length = np.sqrt(np.vecdot(patterns, patterns))
    return patterns / np.maximum(length, 1.0)[:, None], length / _CELL
