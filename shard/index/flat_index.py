"""Exact search of templates by score."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from functools import cached_property
from itertools import islice, repeat

import numpy as np

from contract.vectors import Vector, Vectors
from scoring.cohort import Floats, Places
from service.helper_thread import HelperThread
from shard.index.best_scores import BestScores
from shard.index.faiss_vectors import FlatVectors, Numbers, Rows
from shard.index.indexed_vectors import IndexedVectors
from shard.index.read_write_lock import Reading
from shard.index.scored_vectors import ScoredVectors, Similarity
from shard.index.segment import CAPACITY, Cosines, Neighbors, RowVectors, Segment

_NOWHERE = -1
_COMPARED = 1000
"""Vectors up to which all are compared one by one, in .1 to .3 ms: to tell first who may be among
the best takes that long by itself."""
_HELD = 8192
"""Rows that a search looks at while no change goes on, in about a millisecond: of half as many, a
search of a million takes a third longer."""
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

    def alter(self, numbers: Numbers, vectors: Vectors, places: Places) -> None:
        """Give other unit vectors, (n, d), to numbers that are here: in the rows that they have."""
        where = self._where[numbers].tolist()
        for at, vector, place in zip(where, vectors, places.pairs, strict=True):
            self._segments[at // CAPACITY].alter(at % CAPACITY, vector, place)

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
        return segment.of(np.arange(len(segment)))

    def of(self, numbers: Numbers) -> IndexedVectors:
        """Return what is here of these numbers."""
        found = [segment.of(rows) for segment, rows in self._rows_of(numbers)]
        return IndexedVectors.joined([IndexedVectors.none(self._dimension), *found])

    def search(
        self, probes: Vectors, places: Places, k: int, reading: Reading = nullcontext
    ) -> list[dict[int, Similarity]]:
        """Return for each unit vector of `probes` (n, d) at least the `k` best by score.

        Of many, one pass over all vectors tells by cosines and places who may be among the best.
        They are then compared one by one, so that a score is the same however many are searched
        together.
        `reading` is held for one piece of a segment after the other: what comes or is altered
        between is seen as before or as after, and who goes is not found. Where somebody goes,
        another one takes that row and may be missed: FaceIndex searches anew then.
        """
        found = []
        hopeful = self._hopeful(probes, places, k, reading)
        for probe, mean, deviation, numbers in zip(probes, *places, hopeful, strict=True):
            with reading():
                scored = self._scored(probe, Places(mean, deviation), numbers)
            found.append(scored.best(k).by_number())
        return found

    def _hopeful(
        self, probes: Vectors, places: Places, k: int, reading: Reading
    ) -> Iterable[Numbers]:
        """Return for each probe the numbers of all that may be among its best."""
        with reading():
            if len(self) <= _COMPARED:
                everybody = [segment.numbers for segment in self._segments]
                return repeat(np.concatenate([np.empty(0, np.int64), *everybody]), len(probes))
        best = BestScores(places, k)

        def look_through(segment: Segment) -> None:
            seen: list[Cosines] = []
            for first in range(0, len(segment), _HELD):
                with reading():
                    seen.append(segment.cosines(probes, slice(first, first + _HELD)))
            if any(len(piece.numbers) for piece in seen):
                best.take(Cosines.joined(seen))

        segments = list(self._segments)
        if len(segments) < _SHARED:
            for segment in segments:
                look_through(segment)
        else:
            self._helper.map(look_through, segments)
        return best.numbers()

    def cosines(self, probes: Vectors) -> list[tuple[Floats, Places]]:
        """Return the cosines of the `probes` (p, d) with all vectors, and the places of these.

        Each part is of shapes (p, m) and (m,).
        """
        return [(probes @ segment.vectors.T, segment.places.copied()) for segment in self._filled()]

    def _scored(self, probe: Vector, place: Places, numbers: Numbers) -> ScoredVectors:
        """Return the vectors with these numbers, as far as they are here, by how alike they are."""
        parts = [segment.compare(probe, rows) for segment, rows in self._rows_of(numbers)]
        return ScoredVectors.of(Neighbors.joined(parts), place) if parts else ScoredVectors.none()

    def _rows_of(self, numbers: Numbers) -> Iterator[tuple[Segment, Rows]]:
        """Yield the segments that have some of these numbers, and in which rows."""
        where = self._where[numbers[numbers < len(self._where)]]
        segments, rows = np.divmod(where[where != _NOWHERE], CAPACITY)
        for segment in np.unique(segments).tolist():
            yield self._segments[segment], rows[segments == segment]

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
