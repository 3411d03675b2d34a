"""How alike some vectors of an index are to a probe."""

import math
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from scoring.cohort import Floats, Places, pair_scores
from shard.index.faiss_vectors import Numbers
from shard.index.segment import Neighbors


class Similarity(NamedTuple):
    """How similar a probe is to a vector: the score, and the L2 distance."""

    score: float
    distance: float


class ScoredVectors(NamedTuple):
    """Vectors of an index by how alike they are to a probe."""

    squared: Floats
    numbers: Numbers
    scores: Floats

    @classmethod
    def of(cls, near: Neighbors, place: Places) -> Self:
        """Return the neighbors of a probe that has this place."""
        scores = pair_scores(cosine_of(near.squared), place, near.places)
        return cls(near.squared, near.numbers, scores)

    @classmethod
    def none(cls) -> Self:
        """Return none."""
        return cls(np.empty(0, np.float32), np.empty(0, np.int64), np.empty(0, np.float32))

    def best(self, count: int) -> Self:
        """Return the `count` best, and all that are as good as the last of them."""
        if count >= len(self.numbers):
            return self
        chosen = self.scores >= np.partition(self.scores, -count)[-count]
        return type(self)(self.squared[chosen], self.numbers[chosen], self.scores[chosen])

    def by_number(self) -> dict[int, Similarity]:
        """Return how similar they are, by their numbers."""
        return {
            number: Similarity(score, math.sqrt(max(0.0, square)))
            for square, number, score in zip(*(column.tolist() for column in self), strict=True)
        }


def cosine_of(squared: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the cosines of unit vectors at these squared distances."""
    return (1 - squared / 2).astype(np.float32)
