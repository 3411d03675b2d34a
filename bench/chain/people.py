"""Faces of people who do not exist: drawn as the strangers of the cohort are."""

from functools import cache

import numpy as np
from numpy.random import Generator

from contract.vectors import Vectors
from scoring.cohort import Floats, unit
from scoring.score_scale import ScoreScale
from scoring.scoring_data import load_scoring_data

SCALE = ScoreScale.measured(load_scoring_data())
_ANOTHER_LOOK = 0.025
"""Deviation of each number from one picture of a person to the next: 128 of them are .28 apart."""


class SearchedPeople:
    """Draws people, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._rng: Generator = np.random.default_rng(seed)
        self._mean, self._root = _spread()

    def draw(self, count: int) -> Vectors:
        """Return unit vectors of so many people, shape (count, d)."""
        drawn = self._rng.normal(size=(count, len(self._mean))) @ self._root.T + self._mean
        return unit(drawn.astype(np.float32))

    def seen_again(self, people: Vectors) -> Vectors:
        """Return vectors of other pictures of the people, shape (n, d)."""
        noise = self._rng.normal(scale=_ANOTHER_LOOK, size=people.shape)
        return unit((people + noise).astype(np.float32))


@cache
def _spread() -> tuple[Floats, Floats]:
    """Return the mean of the cohort's faces, and a root of their covariance."""
    vectors = SCALE.cohort.faces
    covariance = np.cov(vectors, rowvar=False)
    return vectors.mean(axis=0), np.linalg.cholesky(covariance + 1e-7 * np.eye(len(covariance)))
