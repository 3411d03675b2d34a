"""Search by score among the vectors that are near enough to be in the same lists."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import cached_property
from typing import Self

import numpy as np

from contract.vectors import Vectors
from scoring.cohort import Floats, Places
from service.helper_thread import HelperThread
from shard.index.faiss_vectors import ListedVectors, Numbers
from shard.index.indexed_vectors import IndexedVectors
from shard.index.list_trial import MatchLikeness, lists_to_probe
from shard.index.read_write_lock import Reading
from shard.index.scored_vectors import ScoredVectors, Similarity
from shard.index.segment import CAPACITY, Neighbors

_FEW = 4
"""Probes up to which one thread searches."""


class IvfFlatIndex:
    """Unit vectors in inverted lists, beside each its number and its place among the cohort.

    It looks at a part of them, and may miss the best; what it finds has the score that an exact
    search gives it. Numbers are small: there is room for each up to the largest one.
    """

    def __init__(self, vectors: ListedVectors) -> None:
        self._vectors = vectors
        self._held = np.zeros(0, bool)
        self._mean = np.zeros(0, np.float32)
        self._deviation = np.zeros(0, np.float32)

    @classmethod
    def trained(
        cls, indexed: IndexedVectors, likeness: MatchLikeness, go_on: Callable[[], None]
    ) -> Self | None:
        """Return an index whose lists fit these vectors, with them in it.

        None where too many lists would have to be looked through to find people who are so alike.
        `go_on` is called every few seconds, and ends it by what it raises.
        """
        numbers, vectors, places = indexed
        made = cls(ListedVectors.of_all(numbers, vectors, go_on))
        made._note(numbers, places)
        return made if lists_to_probe(made._vectors, indexed, likeness, go_on) else None

    def __len__(self) -> int:
        return len(self._vectors)

    @property
    def lists(self) -> int:
        """How many lists there are."""
        return self._vectors.lists

    @property
    def probed(self) -> int:
        """How many of them a search looks through."""
        return self._vectors.probed

    def add(self, numbers: Numbers, vectors: Vectors, places: Places) -> None:
        """Add unit vectors, float32 of shape (n, d), under these numbers, which are not here."""
        if not len(numbers):
            return
        self._vectors.add(numbers, vectors)
        self._note(numbers, places)

    def _note(self, numbers: Numbers, places: Places) -> None:
        self._reach(int(numbers.max()))
        self._held[numbers] = True
        self._mean[numbers], self._deviation[numbers] = places

    def alter(self, numbers: Numbers, vectors: Vectors, places: Places) -> None:
        """Give other unit vectors, (n, d), to numbers that are here."""
        self.remove(numbers)
        self.add(numbers, vectors, places)

    def remove(self, numbers: Numbers) -> None:
        """Remove the vectors with these numbers."""
        self._vectors.remove(numbers)
        self._held[numbers] = False

    def discard(self, numbers: Numbers) -> None:
        """Remove the vectors with these numbers, as far as they are here."""
        self.remove(self.of(numbers).numbers)

    @property
    def memory(self) -> int:
        """Bytes of vectors, lists, numbers and places."""
        columns = (self._held, self._mean, self._deviation)
        return self._vectors.memory + sum(column.nbytes for column in columns)

    @property
    def pieces(self) -> int:
        """How many pieces it has, each of which is copied in a few milliseconds."""
        return -(-len(self._held) // CAPACITY)

    def piece(self, number: int) -> IndexedVectors:
        """Return a copy of what is in one piece."""
        first = number * CAPACITY
        return self.of(np.arange(first, min(first + CAPACITY, len(self._held))))

    def of(self, numbers: Numbers) -> IndexedVectors:
        """Return what is here of these numbers."""
        numbers = numbers[numbers < len(self._held)]
        held = numbers[self._held[numbers]]
        return IndexedVectors(held, self._vectors.of(held), self._places.of(held))

    def search(
        self, probes: Vectors, places: Places, k: int, reading: Reading = nullcontext
    ) -> list[dict[int, Similarity]]:
        """Return for each unit vector of `probes` (n, d) the `k` best by score of those found.

        Two threads share the probes if they are many: each looks through lists of its own, so there
        is nothing to gain by a matrix product. `reading` is held for one after the other.
        """

        def found(row: int) -> dict[int, Similarity]:
            with reading():
                [squared], [numbers] = self._vectors.nearest(probes[row : row + 1], 4 * k + 12)
                near = self._neighbors(squared, numbers)
            return ScoredVectors.of(near, places.of(np.array(row))).best(k).by_number()

        rows = range(len(probes))
        return [*map(found, rows)] if len(rows) <= _FEW else self._helper.map(found, rows)

    @cached_property
    def _helper(self) -> HelperThread:
        return HelperThread()

    @property
    def _places(self) -> Places:
        return Places(self._mean, self._deviation)

    def _neighbors(self, squared: Floats, numbers: Numbers) -> Neighbors:
        found = numbers >= 0
        return Neighbors(squared[found], numbers[found], self._places.of(numbers[found]))

    def _reach(self, number: int) -> None:
        """Make room for what is known of the numbers up to this one."""
        known = len(self._held)
        if number < known:
            return
        size = max(number + 1, 2 * known)
        held, self._held = self._held, np.zeros(size, bool)
        self._held[:known] = held
        self._mean = np.resize(self._mean, size)
        self._deviation = np.resize(self._deviation, size)
