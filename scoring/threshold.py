"""The score that decides, from what users understand: the share of strangers taken for somebody.

The more faces a stranger is compared with, the better the best of them fits by chance; so the
score that is needed grows with their number, and one rate means the same in a store with 50 members
and in one with 50,000. The curve behind it was measured: docs/accuracy.md.
"""

import math
from functools import lru_cache

from contract.stores.rate import HIGHEST, LOWEST
from scoring.scoring_data import ScoringParameters, load_scoring_data


@lru_cache(maxsize=1024)
def threshold(faces: int, rate: float, frames: int = 1) -> float:
    """Return the score that a share `rate`, in (0, 1), of strangers reaches with somebody.

    `faces` is the number of vectors searched, one a FaceId, `frames` how many pictures of the
    stranger are fused. Infinite when nothing is searched.
    """
    return threshold_with(load_scoring_data().parameters, faces, rate, frames)


def threshold_with(
    parameters: ScoringParameters, faces: int, rate: float, frames: int = 1
) -> float:
    """Return `threshold` as these parameters have it."""
    if faces <= 0:
        return math.inf
    needed = parameters.curve.at(log_comparisons(faces, rate))
    return needed + parameters.gained_by_fusing(frames)


def rate_at(faces: int, score: float) -> float:
    """Return the share of strangers for which `threshold` asks `score`, for one frame.

    It is one that a store map may say.
    """
    loose, strict = math.log(HIGHEST), math.log(LOWEST)
    for _ in range(60):
        middle = (loose + strict) / 2
        if threshold(faces, math.exp(middle)) < score:
            loose = middle
        else:
            strict = middle
    return max(LOWEST, math.exp(strict))


def log_comparisons(faces: int, rate: float) -> float:
    """Return ln of the comparisons for one false match, when `rate` of the searches have one."""
    return math.log(faces / -math.log1p(-rate))


def rate_per_side(rate: float, home: int, others: int) -> float:
    """Return the false match rate of each side, when `home` and `others` faces are searched.

    Half of `rate`; all of it where the other side has no faces.
    """
    return rate / 2 if home and others else rate
