"""Exact search of templates by score."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from contract.vectors import Vector, Vectors
from scoring.cohort import Floats, Places, likeness_of, pair_scores
from shard.index.segment import CAPACITY, Neighbors, Numbers, Segment

_FEW = 1000
"""Vectors up to which comparing with each of them is faster than finding the nearest first."""
_ROUNDING = 0.001
"""A score computed twice may differ by less than this."""
_NOWHERE = -1


class Similarity(NamedTuple):
    """How similar a probe is to a vector: the score, and the L2 distance."""

    score: float
    distance: float


class TemplateIndex:
    """Unit vectors in segments, beside each its number and its place among the cohort.

    Numbers are small: there is room for each up to the largest one. To add or to remove a vector
    takes as long in a large index as in one of a single segment.
    """

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._segments: list[Segment] = []
        self._where = np.empty(0, np.int32)

    def __len__(self) -> int:
        return sum(map(len, self._segments))

    def add(self, numbers: Numbers, vectors: Vectors, places: Places) -> None:
        """Add unit vectors, float32 of shape (n, d), under these numbers, which are not here."""
        self._reach(int(numbers.max()))
        start = 0
        while start < len(numbers):
            place, segment = self._with_room()
            piece = slice(start, start + segment.room)
            added, first = numbers[piece], place * CAPACITY + len(segment)
            segment.add(added, vectors[piece], places.of(np.arange(len(numbers))[piece]))
            self._where[added] = np.arange(first, first + len(added))
            start += len(added)

    def remove(self, numbers: Numbers) -> None:
        """Remove the vectors with these numbers."""
        for number in numbers.tolist():
            where = int(self._where[number])
            self._where[number] = _NOWHERE
            moved = self._segments[where // CAPACITY].remove(where % CAPACITY)
            if moved is not None:
                self._where[moved] = where
        while self._segments and not len(self._segments[-1]):
            self._segments.pop()

    def copy(self) -> tuple[Numbers, Vectors, Places]:
        """Return all numbers, their unit vectors (n, d) and the places of these."""
        parts = [(one.numbers, one.vectors, *one.places) for one in self._segments]
        empty = np.empty(0, np.float32)
        nothing = (np.empty(0, np.int64), np.empty((0, self._dimension), np.float32), empty, empty)
        numbers, vectors, mean, deviation = map(np.concatenate, zip(nothing, *parts, strict=True))
        return numbers, vectors, Places(mean, deviation)

    def search(
        self, probes: Vectors, places: Places, k: int, face_id_of: Callable[[int], str]
    ) -> list[dict[str, Similarity]]:
        """Return for each unit vector of `probes` (n, d) at least the `k` best by score.

        Faiss finds the nearest vectors; where many strangers are near, one of the next nearest may
        have the better score. Those that could are looked at as well: the result is exact.
        """
        count = len(self)
        if not count:
            return [{} for _ in probes]
        each = [
            (probe, Places(mean, deviation))
            for probe, mean, deviation in zip(probes, *places, strict=True)
        ]
        if count <= max(_FEW, 4 * k):
            found = [_scored(self._compared(probe), place) for probe, place in each]
        else:
            nearest = self._nearest(probes, 4 * k + 12)
            found = [
                self._possibly_best(probe, place, k, near)
                for (probe, place), near in zip(each, nearest, strict=True)
            ]
        return [_by_face_id(scored.best(k), face_id_of) for scored in found]

    def _compared(self, probe: Vector) -> Neighbors:
        return Neighbors.joined([segment.compare(probe) for segment in self._filled()])

    def _nearest(self, probes: Vectors, count: int) -> list[Neighbors]:
        """Return the `count` nearest vectors of each probe, in no order."""
        found = zip(*(one.nearest(probes, count) for one in self._filled()), strict=True)
        return [_smallest(Neighbors.joined(list(parts)), count) for parts in found]

    def _possibly_best(self, probe: Vector, place: Places, k: int, near: Neighbors) -> "_Scored":
        """Return the nearest, and those that could have a better score than the best of them.

        None that is further away than the last of the nearest is more alike than that one. So its
        score reaches that of the `k`-th best only by a low place.
        """
        nearest = _scored(near, place)
        needed = float(np.partition(nearest.scores, -k)[-k]) - _ROUNDING
        likeness = float(likeness_of(_cosine(near.squared.max())))
        by_probe = (likeness - float(place.mean)) / float(place.deviation)
        others = [nearest]
        for segment in self._filled():
            rows = segment.placed_within(likeness, needed - by_probe)
            if len(rows):
                known = (segment.numbers[rows, None] == near.numbers).any(axis=1)
                others.append(_scored(segment.compare(probe, rows[~known]), place))
        return _Scored.joined(others)

    def _filled(self) -> Iterator[Segment]:
        return (segment for segment in self._segments if len(segment))

    def _with_room(self) -> tuple[int, Segment]:
        """Return a segment with room, and its place among the segments."""
        open_ones = ((n, one) for n, one in enumerate(self._segments) if one.room)
        for found in islice(open_ones, 1):
            return found
        self._segments.append(Segment(self._dimension))
        return len(self._segments) - 1, self._segments[-1]

    def _reach(self, number: int) -> None:
        """Make room for where the vectors up to this number are."""
        known = len(self._where)
        if number >= known:
            larger = np.full(max(number + 1, 2 * known), _NOWHERE, np.int32)
            larger[:known] = self._where
            self._where = larger


class _Scored(NamedTuple):
    """Vectors of an index by how alike they are to a probe."""

    squared: Floats
    numbers: Numbers
    scores: Floats

    @classmethod
    def joined(cls, parts: Sequence["_Scored"]) -> "_Scored":
        """Return all of them."""
        return cls(*map(np.concatenate, zip(*parts, strict=True)))

    def best(self, count: int) -> "_Scored":
        """Return the `count` best, and all that are as good as the last of them."""
        if count >= len(self.numbers):
            return self
        chosen = self.scores >= np.partition(self.scores, -count)[-count]
        return _Scored(self.squared[chosen], self.numbers[chosen], self.scores[chosen])


def _scored(near: Neighbors, place: Places) -> _Scored:
    scores = pair_scores(_cosine(near.squared), place, near.places)
    return _Scored(near.squared, near.numbers, scores)


def _smallest(near: Neighbors, count: int) -> Neighbors:
    if count >= len(near.numbers):
        return near
    return near.picked(np.argpartition(near.squared, count - 1)[:count])


def _by_face_id(scored: _Scored, face_id_of: Callable[[int], str]) -> dict[str, Similarity]:
    return {
        face_id_of(number): Similarity(score, math.sqrt(max(0.0, square)))
        for square, number, score in zip(*(column.tolist() for column in scored), strict=True)
    }


def _cosine(squared: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the cosines of unit vectors at these squared distances."""
    return (1 - squared / 2).astype(np.float32)
