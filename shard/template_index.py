"""Exact search of templates by score. The one module that knows Faiss."""

from collections.abc import Callable
from typing import NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from contract.scoring import Places, pair_scores
from contract.vectors import Vector, Vectors

Numbers = NDArray[np.int64]

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
        self, probes: Vectors, places: Places, k: int, owner: Callable[[int], str]
    ) -> list[dict[str, Found]]:
        """Return for each unit vector of `probes` (n, d) at least its `k` best owners by score.

        Faiss finds the nearest templates; where many strangers are near, one of the next nearest
        may have the better score. Those that could are looked at as well: the result is exact.
        """
        if not len(self):
            return [{} for _ in probes]
        faiss.omp_set_num_threads(1)  # a setting of the calling thread: one pool of threads each
        fetch = min(len(self), 4 * k + 12)
        squared, rows = self._flat.search(probes, fetch)
        return [
            self._best(probe, Places(mean, deviation), k, owner, _Nearest(*near))
            for probe, mean, deviation, *near in zip(probes, *places, squared, rows, strict=True)
        ]

    def _best(
        self, probe: Vector, place: Places, k: int, owner: Callable[[int], str], near: "_Nearest"
    ) -> dict[str, Found]:
        """Return the best of each owner among the nearest, and among those that could beat them."""
        found = self._scored(place, near, owner, {})
        while len(found) < k and len(near.rows) < len(self):
            more = min(len(self), 4 * len(near.rows))  # a FaceId has several templates
            near = _Nearest(*(column[0] for column in self._flat.search(probe[None, :], more)))
            found = self._scored(place, near, owner, {})
        if len(near.rows) == len(self):
            return found
        last = sorted((score for score, _ in found.values()), reverse=True)[k - 1]
        at_most = pair_scores(_cosine(near.squared[-1:]), place, self._places)
        may_be_better = at_most >= last - _ROUNDING
        may_be_better[near.rows] = False
        others = np.flatnonzero(may_be_better)
        if not len(others):
            return found
        apart = ((self._vectors(others) - probe) ** 2).sum(axis=1).astype(np.float32)
        return self._scored(place, _Nearest(apart, others), owner, found)

    def _scored(
        self,
        place: Places,
        near: "_Nearest",
        owner: Callable[[int], str],
        found: dict[str, Found],
    ) -> dict[str, Found]:
        """Add to `found` what is near, the best template of each owner."""
        scores = pair_scores(_cosine(near.squared), place, self._places.of(near.rows))
        numbers = self._numbers[near.rows].tolist()
        for number, score, square in zip(
            numbers, scores.tolist(), near.squared.tolist(), strict=True
        ):
            name = owner(number)
            if name not in found or score > found[name].score:
                found[name] = Found(score, max(0.0, square) ** 0.5)
        return found

    def _rows(self, numbers: Numbers) -> Numbers:
        order = np.argsort(self._numbers)
        rows: Numbers = order[np.searchsorted(self._numbers, numbers, sorter=order)]
        return rows

    def _vectors(self, rows: Numbers) -> Vectors:
        if not len(rows):
            return np.empty((0, self._flat.d), np.float32)
        vectors: Vectors = self._flat.reconstruct_batch(rows)
        return vectors


class _Nearest(NamedTuple):
    """Templates by their rows in the index, and their squared L2 distances from a probe."""

    squared: NDArray[np.float32]
    rows: Numbers


def _cosine(squared: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the cosines of unit vectors at these squared distances."""
    return (1 - squared / 2).astype(np.float32)
