"""Exact search of templates by score. The one module that knows Faiss."""

from collections.abc import Callable
from typing import NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from contract.vectors import Vector, Vectors
from scoring.cohort import Places, pair_scores

Numbers = NDArray[np.int64]

_FEW = 1000
"""Vectors up to which comparing with each of them is faster than finding the nearest first."""
_ROUNDING = np.float32(0.001)
"""A score computed twice may differ by less than this."""


class Similarity(NamedTuple):
    """How similar a probe is to a vector: the score, and the L2 distance."""

    score: float
    distance: float


class TemplateIndex:
    """Unit vectors in a Flat index, beside each its number and its place among the cohort."""

    def __init__(self, dimension: int) -> None:
        self._flat = faiss.IndexFlatL2(dimension)
        self._numbers = np.empty(0, np.int64)
        self._places = Places(np.empty(0, np.float32), np.empty(0, np.float32))

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, numbers: Numbers, vectors: Vectors, places: Places) -> None:
        """Add unit vectors, float32 of shape (n, d), under these numbers."""
        self._flat.add(vectors)
        self._numbers = np.concatenate([self._numbers, numbers])
        self._places = Places(*map(np.concatenate, zip(self._places, places, strict=True)))

    def remove(self, numbers: Numbers) -> None:
        """Remove the vectors with these numbers."""
        rows = self._rows(numbers)
        self._flat.remove_ids(faiss.IDSelectorBatch(rows))  # the others keep their order
        self._numbers = np.delete(self._numbers, rows)
        self._places = Places(*(np.delete(column, rows) for column in self._places))

    def copy(self) -> tuple[Numbers, Vectors, Places]:
        """Return all numbers, their unit vectors (n, d) and the places of these."""
        return self._numbers, self._vectors(np.arange(len(self))), self._places

    def search(
        self, probes: Vectors, places: Places, k: int, face_id_of: Callable[[int], str]
    ) -> list[dict[str, Similarity]]:
        """Return for each unit vector of `probes` (n, d) at least the `k` best by score.

        Faiss finds the nearest vectors; where many strangers are near, one of the next nearest may
        have the better score. Those that could are looked at as well: the result is exact.
        """
        if not len(self):
            return [{} for _ in probes]
        faiss.omp_set_num_threads(1)  # a setting of the calling thread: one pool of threads each
        each = [
            (probe, Places(mean, deviation))
            for probe, mean, deviation in zip(probes, *places, strict=True)
        ]
        if len(self) <= max(_FEW, 4 * k):
            every_row = np.arange(len(self))
            found = [self._compare(probe, every_row, place) for probe, place in each]
        else:
            nearest = zip(*self._flat.search(probes, 4 * k + 12), strict=True)
            found = [
                self._possibly_best(probe, place, k, _Neighbors(*near))
                for (probe, place), near in zip(each, nearest, strict=True)
            ]
        return [self._by_face_id(scored.best(k), face_id_of) for scored in found]

    def _possibly_best(self, probe: Vector, place: Places, k: int, near: "_Neighbors") -> "_Scored":
        """Return the nearest, and those that could have a better score than the best of them."""
        nearest = self._score(near, place)
        last = np.partition(nearest.scores, -k)[-k]
        at_most = pair_scores(_cosine(near.squared[-1:]), place, self._places)
        may_be_better = at_most >= last - _ROUNDING
        may_be_better[near.rows] = False
        others = self._compare(probe, np.flatnonzero(may_be_better), place)
        return nearest.joined(others)

    def _compare(self, probe: Vector, rows: Numbers, place: Places) -> "_Scored":
        """Compare `probe` with the vectors in `rows`."""
        difference = self._vectors(rows) - probe
        return self._score(_Neighbors(np.einsum("ij,ij->i", difference, difference), rows), place)

    def _score(self, near: "_Neighbors", place: Places) -> "_Scored":
        scores = pair_scores(_cosine(near.squared), place, self._places.of(near.rows))
        return _Scored(*near, scores)

    def _by_face_id(
        self, scored: "_Scored", face_id_of: Callable[[int], str]
    ) -> dict[str, Similarity]:
        return {
            face_id_of(number): Similarity(score, max(0.0, square) ** 0.5)
            for square, number, score in zip(
                scored.squared.tolist(),
                self._numbers[scored.rows].tolist(),
                scored.scores.tolist(),
                strict=True,
            )
        }

    def _rows(self, numbers: Numbers) -> Numbers:
        order = np.argsort(self._numbers)
        rows: Numbers = order[np.searchsorted(self._numbers, numbers, sorter=order)]
        return rows

    def _vectors(self, rows: Numbers) -> Vectors:
        if not len(rows):
            return np.empty((0, self._flat.d), np.float32)
        vectors: Vectors = self._flat.reconstruct_batch(rows)
        return vectors


class _Neighbors(NamedTuple):
    """Rows of the index, and the squared L2 distances of their vectors from a probe."""

    squared: NDArray[np.float32]
    rows: Numbers


class _Scored(NamedTuple):
    """The same with their scores."""

    squared: NDArray[np.float32]
    rows: Numbers
    scores: NDArray[np.float32]

    def joined(self, others: "_Scored") -> "_Scored":
        """Return both."""
        return _Scored(
            np.concatenate([self.squared, others.squared]),
            np.concatenate([self.rows, others.rows]),
            np.concatenate([self.scores, others.scores]),
        )

    def best(self, count: int) -> "_Scored":
        """Return the `count` best, and all that are as good as the last of them."""
        if count >= len(self.rows):
            return self
        chosen = self.scores >= np.partition(self.scores, -count)[-count]
        return _Scored(self.squared[chosen], self.rows[chosen], self.scores[chosen])


def _cosine(squared: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the cosines of unit vectors at these squared distances."""
    return (1 - squared / 2).astype(np.float32)
