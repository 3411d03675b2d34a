"""Shares of strangers who are taken for somebody: what they mean, and how they are spent."""

import math


def log_comparisons(faces: int, rate: float) -> float:
    """Return ln of the comparisons for one false match, when `rate` of the searches have one."""
    return math.log(faces / -math.log1p(-rate))


def rate_per_side(rate: float, home: int, others: int) -> float:
    """Return the false match rate of each side, when `home` and `others` faces are searched.

    Half of `rate`; all of it where the other side has no faces.
    """
    return rate / 2 if home and others else rate
