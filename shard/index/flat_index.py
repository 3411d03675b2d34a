"""Exact search of templates by score."""

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import islice

import numpy as np

from contract.vectors import Vector, Vectors
from scoring.cohort import Floats, Places, likeness_of
from shard.index.faiss_vectors import FlatVectors, Numbers
from shard.index.helper_thread import HelperThread
from shard.index.indexed_vectors import IndexedVectors
from shard.index.scored_vectors import ScoredVectors, Similarity, cosine_of
from shard.index.segment import CAPACITY, Neighbors, RowVectors, Segment

_FEW = 1000
"""Vectors up to which comparing with each of them is faster than finding the nearest first."""
_ROUNDING = 0.001
"""A score computed twice may differ by less than this."""
_MORE = 28
"""Nearest that are asked for beside those that are wanted: of 300,000 by dlib's network a thousand
others could then be better, by their place, and have to be compared; with 12 more, three times as
many."""
_NOWHERE = -1
_SHARED = 8
"""Segments from which two threads share a search: 131,000 vectors, of which one takes 7 ms."""


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
            found = [ScoredVectors.of(self._compared(probe), place) for probe, place in each]
        else:
            nearest = self._nearest(probes, 4 * k + _MORE)
            found = [
                self._possibly_best(probe, place, k, near)
                for (probe, place), near in zip(each, nearest, strict=True)
            ]
        return [scored.best(k).by_number() for scored in found]

    def cosines(self, probes: Vectors) -> list[tuple[Floats, Places]]:
        """Return the cosines of the `probes` (p, d) with all vectors, and the places of these.

        Each part is of shapes (p, m) and (m,).
        """
        return [(segment.cosines(probes), segment.places.copied()) for segment in self._filled()]

    def _compared(self, probe: Vector) -> Neighbors:
        return Neighbors.joined([segment.compare(probe) for segment in self._filled()])

    def _nearest(self, probes: Vectors, count: int) -> list[Neighbors]:
        """Return the `count` nearest vectors of each probe, in no order."""
        segments = list(self._filled())
        if len(segments) < _SHARED:
            by_segment = [one.nearest(probes, count) for one in segments]
        else:
            by_segment = self._helper.map(lambda one: one.nearest(probes, count), segments)
        found = zip(*by_segment, strict=True)
        return [_smallest(Neighbors.joined(list(parts)), count) for parts in found]

    def _possibly_best(
        self, probe: Vector, place: Places, k: int, near: Neighbors
    ) -> ScoredVectors:
        """Return the nearest, and those that could have a better score than the best of them.

        None that is further away than the last of the nearest is more alike than that one, but for
        what distances may be off, its own and that one's. So its score reaches that of the `k`-th
        best only by a low place.
        """
        nearest = ScoredVectors.of(near, place)
        needed = float(np.partition(nearest.scores, -k)[-k]) - _ROUNDING
        furthest = np.maximum(np.sqrt(near.squared.max(keepdims=True)) - 2 * self._blur, 0)
        [likeness] = likeness_of(cosine_of(furthest**2)).tolist()
        by_probe = (likeness - float(place.mean)) / float(place.deviation)
        others = [nearest]
        for segment in self._filled():
            rows = segment.placed_within(likeness, needed - by_probe)
            if len(rows):
                known = (segment.numbers[rows, None] == near.numbers).any(axis=1)
                others.append(ScoredVectors.of(segment.compare(probe, rows[~known]), place))
        return ScoredVectors.joined(others)

    @cached_property
    def _helper(self) -> HelperThread:
        return HelperThread()

    @property
    def _blur(self) -> float:
        return max(segment.blur for segment in self._segments)

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


def _smallest(near: Neighbors, count: int) -> Neighbors:
    if count >= len(near.numbers):
        return near
    return near.picked(np.argpartition(near.squared, count - 1)[:count])
