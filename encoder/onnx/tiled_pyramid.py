"""An image pyramid laid out on one picture, as dlib does it for its convolutional detector.

Each level is 5/6 of the one before. Levels go down the left side and back up the right one, so that
a network that sees faces of one size finds faces of every size in one run.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_BETWEEN = 10
_AROUND = 11
_LEAST_HEIGHT = 5


class PyramidLevel(NamedTuple):
    """Where one size of the picture is on the sheet."""

    left: int
    top: int
    width: int
    height: int

    def distance(self, x: float, y: float) -> float:
        """Return the square of the distance from a point; 0 inside."""
        across = max(self.left - x, 0, x - (self.left + self.width - 1))
        down = max(self.top - y, 0, y - (self.top + self.height - 1))
        return across * across + down * down


class PyramidLayout(NamedTuple):
    """The tiles, largest first, and the size of what they are on."""

    tiles: list[PyramidLevel]
    height: int
    width: int

    def in_picture(self, x: float, y: float, level: int) -> tuple[float, float]:
        """Return where a point on the sheet, in the tile `level`, is in the picture."""
        x -= self.tiles[level].left
        y -= self.tiles[level].top
        for _ in range(level):
            x, y = x * 1.2 + 0.3, y * 1.2 + 0.3
        return x, y

    def level(self, x: float, y: float) -> int:
        """Return the number of the tile that is nearest to a point."""
        distances = [tile.distance(x, y) for tile in self.tiles]
        return distances.index(min(distances))


def pyramid_layout(height: int, width: int) -> PyramidLayout:
    """Return the layout for a picture of `height` × `width` pixels."""
    sizes = _sizes(height, width)
    left_column = _left_column(sizes)
    tiles = []
    y = _AROUND
    for rows, columns in sizes[:left_column]:
        tiles.append(PyramidLevel(_AROUND, y, columns, rows))
        y += rows + _BETWEEN
    y -= _BETWEEN
    sheet_height = y + _AROUND
    for rows, columns in sizes[left_column:]:
        tile = PyramidLevel(_AROUND + width - columns, y - rows, columns, rows)
        if tile.top <= _AROUND + height - 1 and tile.left <= _AROUND + width - 1:
            break  # it would lie on the picture in its full size
        tiles.append(tile)
        y -= rows + _BETWEEN
    return PyramidLayout(tiles, sheet_height, width + 2 * _AROUND)


def tiled(picture: NDArray[np.uint8], sheet: PyramidLayout, background: Floats) -> Floats:
    """Return the sheet, float32 of shape (1, rows, columns, 3), for a picture (h, w, 3)."""
    filled = np.empty((1, sheet.height, sheet.width, 3), np.float32)
    filled[:] = background
    size = picture.astype(np.float32)
    for left, top, width, height in sheet.tiles:
        if (height, width) != size.shape[:2]:
            size = _resized(size, height, width)
        filled[0, top : top + height, left : left + width] = size
    return filled


def _sizes(height: int, width: int) -> list[tuple[int, int]]:
    sizes: list[tuple[int, int]] = []
    while height * width and (not sizes or height >= _LEAST_HEIGHT):
        sizes.append((height, width))
        height, width = int(5 / 6 * height), int(5 / 6 * width)
    return sizes


def _left_column(sizes: list[tuple[int, int]]) -> int:
    """Return how many sizes go down before the next one fits beside the last, half way at least."""
    first_height, first_width = sizes[0]
    total = sum(height + _BETWEEN for height, _ in sizes) - 2 * _BETWEEN
    filled, last_width = 0, 0
    for number, (height, width) in enumerate(sizes):
        half_way = (filled - first_height) * 2 >= total - first_height
        if width <= first_width - last_width - _BETWEEN and half_way:
            return number
        filled += height + _BETWEEN
        last_width = width
    return len(sizes)


def _resized(picture: Floats, height: int, width: int) -> Floats:
    """Return the picture in another size: bilinear, corners on corners."""
    rows, columns, _ = picture.shape
    first, second, part = _between(rows, height)
    tall = picture[first] + (picture[second] - picture[first]) * part[:, None, None]
    first, second, part = _between(columns, width)
    left = tall[:, first]
    return left + (tall[:, second] - left) * part[:, None]


def _between(old: int, new: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    places = np.arange(new) * ((old - 1) / max(new - 1, 1))
    first = places.astype(np.intp)
    return first, np.minimum(first + 1, old - 1), (places - first).astype(np.float32)
