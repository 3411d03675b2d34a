"""Vectors of an index with their numbers and places: to copy them into another one."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from contract.vectors import Vectors
from scoring.cohort import Places
from shard.index.faiss_vectors import Numbers


class IndexedVectors(NamedTuple):
    """Some of an index's vectors, unit length, shape (n, d)."""

    numbers: Numbers
    vectors: Vectors
    places: Places

    @classmethod
    def none(cls, dimension: int) -> Self:
        """Return no vectors of this dimension."""
        nothing = np.empty(0, np.float32)
        vectors = np.empty((0, dimension), np.float32)
        return cls(np.empty(0, np.int64), vectors, Places(nothing, nothing))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the vectors of all parts, of which there is one at least."""
        numbers, vectors, places = zip(*parts, strict=True)
        return cls(np.concatenate(numbers), np.concatenate(vectors), Places.joined(places))

    def of(self, rows: NDArray[np.intp]) -> Self:
        """Return those in some rows."""
        return type(self)(self.numbers[rows], self.vectors[rows], self.places.of(rows))

    def once(self) -> Self:
        """Return each number once."""
        _, rows = np.unique(self.numbers, return_index=True)
        if len(rows) == len(self.numbers):
            return self
        return self.of(rows)
