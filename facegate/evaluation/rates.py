"""Rates of an outcome, and how far they can be trusted.

TPIR: members named rightly. FPIR: strangers named as somebody. For the intervals people, not
pictures, are drawn again (bootstrap): another chain has other people.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegate.evaluation.outcome import Outcome
from facegate.evaluation.photographs import Rows
from scoring.cohort import Floats

Weights = NDArray[np.float64]
"""Shape (p,): how often each person counts."""


@dataclass(frozen=True)
class Rate:
    """A share, and the interval that holds 95% of its bootstrap values."""

    value: float
    low: float
    high: float


class OutcomeRates:
    """The rates of one outcome."""

    def __init__(self, outcome: Outcome, redrawn: Iterable[Weights]) -> None:
        """`redrawn` says how often each person was drawn, time after time."""
        self._members = _Ranked(outcome.right, outcome.member)
        self._strangers = _Ranked(outcome.best, outcome.stranger)
        self._redrawn = list(redrawn)

    def rank_one(self) -> Rate:
        """Return the share of members whose own template is the best."""
        return self.tpir(-np.inf)

    def tpir(self, score: float) -> Rate:
        """Return the share of members who are named rightly when `score` must be passed."""
        return self._rate(lambda weights: self._members.share_above(score, weights))

    def fpir(self, score: float) -> Rate:
        """Return the share of strangers who pass `score`."""
        return self._rate(lambda weights: self._strangers.share_above(score, weights))

    def tpir_at(self, fpir: float) -> Rate:
        """Return the share of members named rightly when a share `fpir` of strangers may pass."""
        return self._rate(
            lambda weights: self._members.share_above(
                self._strangers.score_of_share(fpir, weights), weights
            )
        )

    def score_at(self, fpir: float) -> Rate:
        """Return the score that no more than a share `fpir` of strangers passes."""
        return self._rate(lambda weights: self._strangers.score_of_share(fpir, weights))

    def curve(self, fpirs: Iterable[float]) -> list[float]:
        """Return the TPIR at each FPIR, without intervals."""
        return [self._members.share_above(self._strangers.score_of_share(fpir)) for fpir in fpirs]

    def _rate(self, measure: Callable[[Weights | None], float]) -> Rate:
        redrawn = np.array([measure(weights) for weights in self._redrawn])
        redrawn = redrawn[np.isfinite(redrawn)]
        low, high = np.percentile(redrawn, [2.5, 97.5]) if len(redrawn) else (np.nan, np.nan)
        return Rate(measure(None), float(low), float(high))


def redraw(people: int, times: int, random: np.random.Generator) -> Iterable[Weights]:
    """Draw as many people as there are, with replacement; yield how often each one came."""
    for _ in range(times):
        yield np.bincount(random.integers(people, size=people), minlength=people).astype(float)


class _Ranked:
    """Visits by falling score. A person's visits weigh as much as the person, together."""

    def __init__(self, scores: Floats, person: Rows) -> None:
        order = np.argsort(-scores, kind="stable")
        self._scores = scores[order]
        self._person = person[order]
        self._part = 1 / np.bincount(person)[self._person] if len(person) else np.zeros(0)

    def share_above(self, score: float, weights: Weights | None = None) -> float:
        shares = self._shares(weights)
        above = int(np.searchsorted(-self._scores, -score, side="left"))
        return float(shares[above - 1]) if above else 0.0 * float(shares.sum())

    def score_of_share(self, share: float, weights: Weights | None = None) -> float:
        """Return the score that no more than `share` of the weight is above."""
        shares = self._shares(weights)
        if not len(shares):
            return np.nan
        fitting = int(np.searchsorted(shares, share, side="right"))
        return float(self._scores[fitting]) if fitting < len(shares) else -np.inf

    def _shares(self, weights: Weights | None) -> Weights:
        """Return the share of all weight that each visit and those before it have."""
        each = self._part if weights is None else self._part * weights[self._person]
        summed = np.cumsum(each)
        total = summed[-1] if len(summed) else np.nan
        with np.errstate(invalid="ignore", divide="ignore"):
            shares: Weights = summed / total
        return shares
