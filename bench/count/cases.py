"""What is counted, and how true it has to be."""

from dataclasses import dataclass
from typing import NamedTuple

from facegate.evaluation.counting.mix import Mix

DAYS = 8
"""A camera may send frames of the last seven days: eight visits of a person at different times."""


class CountBars(NamedTuple):
    """The most by which a count may be off, as shares of the truth."""

    uv: float
    estimate: float | None = None
    faceids_of_several: float | None = None


@dataclass(frozen=True)
class CountCase:
    """People who come, as many of them as there are pictures for, and the bars."""

    name: str
    mix: Mix
    bars: CountBars


CASES = (
    CountCase(
        "three visits of one frame", Mix(0, 200, (3, 3), days=DAYS), CountBars(0.08, 0.04, 0.03)
    ),
    CountCase(
        "three visits of two frames", Mix(0, 200, (3, 3), 2, days=DAYS), CountBars(0.05, 0.03, 0.03)
    ),
    CountCase(
        "three visits of three frames",
        Mix(0, 200, (3, 3), 3, days=DAYS),
        CountBars(0.03, 0.02, 0.03),
    ),
    CountCase("once and often", Mix(500, 250, (2, 8), days=DAYS), CountBars(0.03)),
    CountCase(
        "two stores, a fifth in both",
        Mix(0, 200, (3, 3), stores=2, elsewhere=0.2, days=DAYS),
        CountBars(0.04),
    ),
)
ONCE_AND_OFTEN = CASES[3]
"""The mix whose estimate is drawn many times."""
HOLDS, WIDEST = 0.90, 0.05
"""The share of draws whose interval holds the truth; half of an interval's width at the most."""
LOOKED_AT, LOOK_SECONDS = 20_000, 120.0
"""So many visitors are looked at again in so many seconds of one core."""
