"""Exact search of templates by score."""

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import islice

import numpy as np

from contract.vectors import Vector, Vectors
from scoring.cohort import Floats, Places
from service.helper_thread import HelperThread
from shard.index.best_scores import BestScores
from shard.index.faiss_vectors import FlatVectors, Numbers, Rows
from shard.index.indexed_vectors import IndexedVectors
from shard.index.scored_vectors import ScoredVectors, Similarity
from shard.index.segment import CAPACITY, Neighbors, RowVectors, Segment

_NOWHERE = -1
_SHARED = 8
"""Segments from which two threads share a search: 131,000 vectors, of which one takes 9 ms."""


class FlatIndex:
    """Unit vectors in segments, beside each its number and its place among the cohort.

    Numbers are small: there is room for each up to the largest one. To add or to remove a vector
    takes as long in a large index as in one of a single segment. `rows` makes what the vectors of a
    segment are kept in, for a dimension.
    """

    def __init__(self, dimension: int, rows: Callable[[int], RowVectors] = FlatVectors) -> None:
        self._dimension = dimension
        self._rows = rows
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

    @property
    def memory(self) -> int:
        """Bytes of vectors, numbers, places, and of where each number is."""
        return sum(segment.memory for segment in self._segments) + self._where.nbytes

    @property
    def pieces(self) -> int:
        """How many pieces it has, each of which is copied in a few milliseconds."""
        return len(self._segments)

    def piece(self, number: int) -> IndexedVectors:
        """Return a copy of what is in one piece."""
        segment = self._segments[number]
        return IndexedVectors(segment.numbers, segment.vectors, segment.places).copied()

    def of(self, numbers: Numbers) -> IndexedVectors:
        """Return what is here of these numbers."""
        where = self._where[numbers[numbers < len(self._where)]]
        found = [self._at(place) for place in where[where != _NOWHERE].tolist()]
        return IndexedVectors.joined([IndexedVectors.none(self._dimension), *found])

    def _at(self, where: int) -> IndexedVectors:
        segment, row = self._segments[where // CAPACITY], np.array([where % CAPACITY])
        return IndexedVectors(segment.numbers[row], segment.vectors_of(row), segment.places.of(row))

    def search(self, probes: Vectors, places: Places, k: int) -> list[dict[int, Similarity]]:
        """Return for each unit vector of `probes` (n, d) at least the `k` best by score.

        One pass over all vectors tells by cosines and places who may be among the best; they are
        then compared one by one, so that a score is the same however many are searched together.
        """
        best = BestScores(places, k)

        def look_through(number: int) -> None:
            segment = self._segments[number]
            first = number * CAPACITY
            best.take(first, segment.cosines(probes), segment.places, segment.blur)

        numbers = [number for number, segment in enumerate(self._segments) if len(segment)]
        if len(numbers) < _SHARED:
            for number in numbers:
                look_through(number)
        else:
            self._helper.map(look_through, numbers)
        return [
            self._scored(probe, Places(mean, deviation), where).best(k).by_number()
            for probe, mean, deviation, where in zip(probes, *places, best.rows(), strict=True)
        ]

    def cosines(self, probes: Vectors) -> list[tuple[Floats, Places]]:
        """Return the cosines of the `probes` (p, d) with all vectors, and the places of these.

        Each part is of shapes (p, m) and (m,).
        """
        return [(probes @ segment.vectors.T, segment.places.copied()) for segment in self._filled()]

    def _scored(self, probe: Vector, place: Places, where: Rows) -> ScoredVectors:
        """Return the vectors in some rows, given by where they are, by how alike they are."""
        numbers, rows = np.divmod(where, CAPACITY)
        parts = [
            self._segments[number].compare(probe, rows[numbers == number])
            for number in np.unique(numbers).tolist()
        ]
        return ScoredVectors.of(Neighbors.joined(parts), place) if parts else ScoredVectors.none()

    @cached_property
    def _helper(self) -> HelperThread:
        return HelperThread()

    def _filled(self) -> Iterator[Segment]:
        return (segment for segment in self._segments if len(segment))

    def _with_room(self) -> tuple[int, Segment]:
        """Return a segment with room, and its place among the segments."""
        open_ones = ((n, one) for n, one in enumerate(self._segments) if one.room)
        for found in islice(open_ones, 1):
            return found
        self._segments.append(Segment(self._rows(self._dimension)))
        return len(self._segments) - 1, self._segments[-1]

    def _reach(self, number: int) -> None:
        """Make room for where the vectors up to this number are."""
        known = len(self._where)
        if number >= known:
            larger = np.full(max(number + 1, 2 * known), _NOWHERE, np.int32)
            larger[:known] = self._where
            self._where = larger
