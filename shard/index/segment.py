"""A bounded part of an exact index, so that no change takes longer than it does."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, Self

import numpy as np

from contract.vectors import Vector, Vectors
from scoring.cohort import Floats, Places
from shard.index.faiss_vectors import Numbers, Rows
from shard.index.indexed_vectors import IndexedVectors

CAPACITY = 16_384
"""Vectors of a segment: one of 128 dimensions has 8 MB, which are moved in 2 ms when it grows."""


class Neighbors(NamedTuple):
    """Vectors of an index, by how far they are from a probe: arrays of one shape, (m,)."""

    squared: Floats
    """Squared L2 distances."""
    numbers: Numbers
    places: Places

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """Return all of them; at least one part."""
        squared, numbers, places = zip(*parts, strict=True)
        return cls(np.concatenate(squared), np.concatenate(numbers), Places.joined(places))


class Cosines(NamedTuple):
    """How near some vectors of an index are to probes."""

    numbers: Numbers
    """Shape (m,)."""
    places: Places
    cosines: Floats
    """With each probe, shape (m, p)."""
    blur: float
    """How far off the cosines are taken to be, at most."""

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return all of them; at least one part."""
        if len(parts) == 1:
            return parts[0]
        numbers, places, cosines, blurs = zip(*parts, strict=True)
        joined = np.concatenate(numbers), Places.joined(places), np.concatenate(cosines)
        return cls(*joined, max(blurs))

    def of(self, rows: slice) -> Self:
        """Return those in some rows."""
        mean, deviation = self.places
        places = Places(mean[rows], deviation[rows])
        return type(self)(self.numbers[rows], places, self.cosines[rows], self.blur)


class RowVectors(Protocol):
    """Vectors in rows; see FlatVectors."""

    def __len__(self) -> int:
        """How many there are."""

    @property
    def rows(self) -> Vectors:
        """The vectors, shape (n, d)."""

    def of(self, rows: Rows) -> Vectors:
        """Return the vectors in some rows, shape (m, d): a copy."""

    def cosines(self, probes: Vectors, rows: slice) -> Floats:
        """Return the cosines of `rows` with each of the unit `probes` (p, d): shape (m, p).

        They are taken to be off by `blur` at most.
        """

    @property
    def blur(self) -> float:
        """How far off `cosines` are taken to be."""

    @property
    def memory(self) -> int:
        """Bytes of the vectors."""

    def add(self, vectors: Vectors) -> None:
        """Add vectors, (n, d), in the rows after the others."""

    def alter(self, row: int, vector: Vector) -> None:
        """Put another vector, (d,), in a row."""

    def remove(self, row: int) -> None:
        """Remove a row; the last one takes its place. Nothing of the vector stays in memory."""


class Segment:
    """Up to CAPACITY unit vectors, beside each its number and its place."""

    def __init__(self, vectors: RowVectors) -> None:
        self._rows = vectors
        self._numbers = np.empty(0, np.int64)
        self._mean = np.empty(0, np.float32)
        self._deviation = np.empty(0, np.float32)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def room(self) -> int:
        """How many vectors may still be added."""
        return CAPACITY - len(self)

    @property
    def numbers(self) -> Numbers:
        """The number of each row."""
        return self._numbers[: len(self)]

    @property
    def places(self) -> Places:
        """The place of each row among the cohort."""
        return Places(self._mean[: len(self)], self._deviation[: len(self)])

    @property
    def vectors(self) -> Vectors:
        """The vector of each row, shape (n, d): gone with the next change."""
        return self._rows.rows

    def of(self, rows: Rows) -> IndexedVectors:
        """Return what is in some rows: a copy."""
        return IndexedVectors(self._numbers[rows], self._rows.of(rows), self.places.of(rows))

    @property
    def memory(self) -> int:
        """Bytes of vectors, numbers and places."""
        columns = (self._numbers, self._mean, self._deviation)
        return self._rows.memory + sum(column.nbytes for column in columns)

    def add(self, numbers: Numbers, vectors: Vectors, places: Places) -> None:
        """Add no more vectors, (n, d), than there is room for; their rows follow the others."""
        first, last = len(self), len(self) + len(numbers)
        if last > len(self._numbers):
            self._grow(last)
        self._numbers[first:last] = numbers
        self._mean[first:last], self._deviation[first:last] = places
        self._rows.add(vectors)

    def alter(self, row: int, vector: Vector, place: tuple[float, float]) -> None:
        """Put another vector, (d,), in a row, which keeps its number."""
        self._rows.alter(row, vector)
        self._mean[row], self._deviation[row] = place

    def remove(self, row: int) -> int | None:
        """Remove a row; return the number that is in it now: that of the last row. None: nothing.

        Nothing of the vector stays in memory.
        """
        last = len(self) - 1
        self._rows.remove(row)
        for column in (self._numbers, self._mean, self._deviation):
            column[row] = column[last]
        return int(self._numbers[row]) if row < last else None

    def cosines(self, probes: Vectors, rows: slice) -> Cosines:
        """Return how near `rows` are to the unit `probes` (p, d): a copy."""
        places = Places(self.places.mean[rows].copy(), self.places.deviation[rows].copy())
        cosines = self._rows.cosines(probes, rows)
        return Cosines(self.numbers[rows].copy(), places, cosines, self._rows.blur)

    def compare(self, probe: Vector, rows: Rows) -> Neighbors:
        """Return the vectors in `rows` by their distances from `probe`."""
        difference = self._rows.of(rows) - probe
        squared = np.einsum("ij,ij->i", difference, difference)
        return Neighbors(squared, self._numbers[rows], self.places.of(rows))

    def _grow(self, needed: int) -> None:
        """Make room in the columns for so many rows, and twice as many as there were."""
        size = max(needed, min(CAPACITY, 2 * len(self._numbers)))
        self._numbers = np.resize(self._numbers, size)
        self._mean = np.resize(self._mean, size)
        self._deviation = np.resize(self._deviation, size)
