"""The turn, scale and shift that take points nearest to others."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def similarity(source: NDArray[Any], target: NDArray[Any]) -> tuple[complex, complex]:
    """Return a and b of the map z → a z + b that takes `source` to `target`, by least squares.

    All are complex: a turn with a scale is one complex factor, so that Umeyama's method (IEEE TPAMI
    13(4), 1991) is a regression here.
    """
    around = source - source.mean()
    scale = complex(np.vdot(around, target) / np.vdot(around, around))
    return scale, complex(target.mean() - scale * source.mean())
