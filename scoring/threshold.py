"""The score that decides, from what users understand: the share of strangers taken for somebody.

The more faces a stranger is compared with, the better the best of them fits by chance; so the
score that is needed grows with their number, and one rate means the same in a store with 50 members
and in one with 50,000. The curve behind it was measured: docs/accuracy.md.
"""

import math
from functools import lru_cache
from typing import NamedTuple

from contract.stores.rate import HIGHEST, LOWEST
from scoring.files import Numbers, shipped


class Limits(NamedTuple):
    """Scores that are needed at home and in the other stores."""

    home: float
    others: float


@lru_cache(maxsize=1024)
def threshold(faces: int, rate: float, frames: int = 1) -> float:
    """Return the score that a share `rate`, in (0, 1), of strangers reaches with somebody.

    `faces` is the number of vectors searched, one a FaceId, `frames` how many pictures of the
    stranger are fused. Infinite when nothing is searched.
    """
    return threshold_by(shipped().numbers, faces, rate, frames)


def threshold_by(numbers: Numbers, faces: int, rate: float, frames: int = 1) -> float:
    """Return what `threshold` would, were it made with these numbers."""
    if faces <= 0:
        return math.inf
    needed = numbers.curve.at(rarity(faces, rate))
    return needed + numbers.gained_by_fusing(frames)


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


def rarity(faces: int, rate: float) -> float:
    """Return how rare a stranger is who passes: ln of the comparisons for one that passes."""
    return math.log(faces / -math.log1p(-rate))


def share_of(rate: float, home: int, others: int) -> float:
    """Return the part of a rate that each side may spend, where `home` and `others` are searched.

    Half; where one side is empty, the other has the whole.
    """
    return rate / 2 if home and others else rate


def home_and_others(home: int, others: int, rate: float, frames: int = 1) -> Limits:
    """Return the scores needed when a stranger meets `home` faces, then `others` elsewhere.

    Each side may spend its `share_of` the rate.
    """
    share = share_of(rate, home, others)
    return Limits(threshold(home, share, frames), threshold(others, share, frames))
