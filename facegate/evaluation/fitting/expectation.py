"""Exact rates over all galleries that could be drawn, from the scores of everybody with everybody.

Drawing galleries by lot adds noise of its own. Whether a stranger passes a score in a random
gallery of N others depends only on how many of all K others are above it: with c above, nobody of
them is in the gallery with probability C(K − c, N) / C(K, N).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegate.evaluation.photographs import Photographs, Rows
from scoring.cohort import Floats

_BEST = 600
"""Of a visit's scores, how many are kept: lower ones decide no rate below 0.3."""

Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Everybody:
    """Visits of everybody to everybody: who comes with which picture, one template a person."""

    templates: Rows
    """Shape (p,): the photograph of each person."""
    visits: Rows
    """Shape (v,): photographs."""
    person: Rows
    """Shape (v,): whose."""

    @classmethod
    def of(
        cls, photographs: Photographs, random: np.random.Generator, most: int = 4
    ) -> "Everybody":
        """Choose templates by lot, and at most `most` visits a person."""
        of_each = [random.permutation(rows) for rows in photographs.of_each()]
        visits = [random.permutation(rows)[:most] for rows in of_each]
        return cls(
            templates=np.array([rows[0] for rows in of_each], np.intp),
            visits=np.concatenate(visits),
            person=np.repeat(np.arange(len(visits)), [len(rows) for rows in visits]),
        )


class Expectation:
    """Rates of a score matrix: visits (v) × people (p)."""

    def __init__(self, everybody: Everybody, scores: Floats) -> None:
        visits, people = scores.shape
        own = (np.arange(visits), everybody.person)
        self._others: int = people - 1
        self._own = scores[own].copy()
        impostors = scores.copy()
        impostors[own] = -np.inf
        kept = min(_BEST, self._others)
        nearest = np.partition(impostors, people - kept, axis=1)[:, people - kept :]
        self._nearest = -np.sort(-nearest, axis=1)
        self._above_own = (impostors >= self._own[:, None]).sum(axis=1)
        self._stranger = _share_alike(everybody.person, np.ones(visits, bool))
        member = everybody.visits != everybody.templates[everybody.person]
        self._member = _share_alike(everybody.person, member)

    @property
    def people(self) -> int:
        """How many people there are."""
        return self._others + 1

    def scores_at(self, gallery: int, rates: list[float]) -> list[float]:
        """Return the scores that these shares of strangers pass in galleries of that size."""
        nobody = _nobody_of(self._others, gallery)[: self._nearest.shape[1] + 1]
        decides = (self._stranger[:, None] * (nobody[:-1] - nobody[1:])).ravel()
        falling = np.argsort(-self._nearest, axis=None)
        passing = np.cumsum(decides[falling])
        ranks = np.minimum(np.searchsorted(passing, rates), len(passing) - 1)
        return [float(score) for score in self._nearest.ravel()[falling[ranks]]]

    def tpir(self, gallery: int, score: float) -> float:
        """Return the share of members named rightly in galleries of that size."""
        best = _nobody_of(self._others, gallery - 1)[self._above_own]
        return float((self._member * best * (self._own >= score)).sum())


def _share_alike(person: Rows, counts: NDArray[np.bool_]) -> Doubles:
    """Return weights of visits, 1 in all: those that count share their person's equally."""
    visits = np.bincount(person[counts], minlength=int(person.max()) + 1)
    weights = counts / np.maximum(visits[person], 1) / (visits > 0).sum()
    return np.asarray(weights, np.float64)


def _nobody_of(others: int, gallery: int) -> Doubles:
    """Return for c = 0 … `others` the probability that none of c people is in the gallery."""
    return np.array(
        [
            math.exp(_log_choose(others - c, gallery) - _log_choose(others, gallery))
            if others - c >= gallery
            else 0.0
            for c in range(others + 1)
        ]
    )


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
