"""Winograd's minimal filtering: the filters' side of it.

A filter of 3 × 3 that slides over a picture costs nine products a result. After Winograd, a tile of
e × e results takes (e + 2)² products of transformed numbers, one for each place of the transformed
tile: four times fewer for e = 4, 2.25 times for e = 2. Matrices from A. Lavin and S. Gray, "Fast
Algorithms for Convolutional Neural Networks", 2016 (arXiv 1509.09308), sections 4.1 and 4.3.
"""

import numpy as np
from numpy.typing import NDArray

_FILTERS: dict[int, NDArray[np.float64]] = {
    2: np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]]) / 2,
    4: np.array([[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]) / 24,
}


def transformed(filters: NDArray[np.float32], edge: int) -> NDArray[np.float32]:
    """Return the factors (places, channels, filters) of filters (filters, channels, 3, 3).

    `edge` is that of a tile's results: 2 or 4. Computed in double precision.
    """
    matrix = _FILTERS[edge]
    both = np.kron(matrix, matrix)  # (places, 9): rows and columns of the filter at once
    flat = filters.reshape(*filters.shape[:2], -1).transpose(2, 1, 0).astype(np.float64)
    return np.tensordot(both, flat, axes=1).astype(np.float32)
