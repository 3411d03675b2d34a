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


class Found(NamedTuple):
    """The best template of somebody: its score, and its L2 distance."""

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
        """Take in unit vectors (n, d) under these numbers."""
        self._flat.add(vectors)
        self._numbers = np.concatenate([self._numbers, numbers])
        self._places = Places(*map(np.concatenate, zip(self._places, places, strict=True)))

    def remove(self, numbers: Numbers) -> tuple[Vectors, Places]:
        """Give up the templates with these numbers, and return them in that order."""
        rows = self._rows(numbers)
        removed = self._vectors(rows), self._places.of(rows)
        self._flat.remove_ids(faiss.IDSelectorBatch(rows))  # the others keep their order
        self._numbers = np.delete(self._numbers, rows)
        self._places = Places(*(np.delete(column, rows) for column in self._places))
        return removed

    def vectors(self, numbers: Numbers) -> Vectors:
        """Return the vectors (n, d) with these numbers."""
        return self._vectors(self._rows(numbers))

    def search(
        self, probes: Vectors, places: Places, k: int, name_of: Callable[[int], str]
    ) -> list[dict[str, Found]]:
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
            everybody = np.arange(len(self))
            found = [self._compared(probe, everybody, place) for probe, place in each]
        else:
            nearest = zip(*self._flat.search(probes, 4 * k + 12), strict=True)
            found = [
                self._could_be_best(probe, place, k, _Near(*near))
                for (probe, place), near in zip(each, nearest, strict=True)
            ]
        return [self._named(compared.best(k), name_of) for compared in found]

    def _could_be_best(self, probe: Vector, place: Places, k: int, near: "_Near") -> "_Compared":
        """Return the nearest, and those that could have a better score than the best of them."""
        nearest = self._scored(near, place)
        last = np.partition(nearest.scores, -k)[-k]
        at_most = pair_scores(_cosine(near.squared[-1:]), place, self._places)
        may_be_better = at_most >= last - _ROUNDING
        may_be_better[near.rows] = False
        others = self._compared(probe, np.flatnonzero(may_be_better), place)
        return nearest.joined(others)

    def _compared(self, probe: Vector, rows: Numbers, place: Places) -> "_Compared":
        """Compare `probe` with the vectors in `rows`."""
        apart = self._vectors(rows) - probe
        return self._scored(_Near(np.einsum("ij,ij->i", apart, apart), rows), place)

    def _scored(self, near: "_Near", place: Places) -> "_Compared":
        scores = pair_scores(_cosine(near.squared), place, self._places.of(near.rows))
        return _Compared(*near, scores)

    def _named(self, compared: "_Compared", name_of: Callable[[int], str]) -> dict[str, Found]:
        return {
            name_of(number): Found(score, max(0.0, square) ** 0.5)
            for square, number, score in zip(
                compared.squared.tolist(),
                self._numbers[compared.rows].tolist(),
                compared.scores.tolist(),
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


class _Near(NamedTuple):
    """Vectors by their rows in the index, and their squared L2 distances from a probe."""

    squared: NDArray[np.float32]
    rows: Numbers


class _Compared(NamedTuple):
    """The same with their scores."""

    squared: NDArray[np.float32]
    rows: Numbers
    scores: NDArray[np.float32]

    def joined(self, others: "_Compared") -> "_Compared":
        """Return both."""
        return _Compared(
            np.concatenate([self.squared, others.squared]),
            np.concatenate([self.rows, others.rows]),
            np.concatenate([self.scores, others.scores]),
        )

    def best(self, count: int) -> "_Compared":
        """Return the `count` best, and all that are as good as the last of them."""
        if count >= len(self.rows):
            return self
        chosen = self.scores >= np.partition(self.scores, -count)[-count]
        return _Compared(self.squared[chosen], self.rows[chosen], self.scores[chosen])


def _cosine(squared: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the cosines of unit vectors at these squared distances."""
    return (1 - squared / 2).astype(np.float32)
