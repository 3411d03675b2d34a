"""One partition of a store's faces: all are looked at, or those in lists when there are many."""

from contextlib import nullcontext

import numpy as np

from contract.messages.index_status import IndexKind, IndexStatus
from contract.vectors import Vectors
from scoring.cohort import Floats, Places
from shard.index.faiss_vectors import FlatVectors, Numbers
from shard.index.flat_index import FlatIndex
from shard.index.indexed_vectors import IndexedVectors
from shard.index.ivf_flat_index import IvfFlatIndex
from shard.index.quantized_vectors import QuantizedVectors
from shard.index.read_write_lock import Reading
from shard.index.scored_vectors import Similarity

LEAST_LISTED = 20_000
"""Vectors from which lists are made: with fewer an exact search takes a millisecond, and
there would be few in each list."""
_GROWTH = 2
"""Lists are made anew when there are so many times as many vectors as they were made from."""


class PartitionIndex:
    """Vectors in full, in 16 bits a number or, where there are enough for them, in inverted lists.

    Lists are made beside the index that is searched: `begin` to note what changes, copy the
    `pieces`, train, `replace`, which makes up for the changes. No other call may be under way
    during `begin`, `replace` or a change; `piece` and `search` may go together.
    """

    def __init__(self, dimension: int, kind: IndexKind = "flat") -> None:
        self._kind = kind
        rows = QuantizedVectors if kind == "sq8" else FlatVectors
        self._index: FlatIndex | IvfFlatIndex = FlatIndex(dimension, rows)
        self._trained_by = 0
        self.made = 1
        """How many indexes it has been, one after the other."""
        self._changed: set[int] | None = None

    def __len__(self) -> int:
        return len(self._index)

    @property
    def status(self) -> IndexStatus:
        """How it is searched."""
        index = self._index
        if isinstance(index, FlatIndex):
            return IndexStatus(kind="sq8" if self._kind == "sq8" else "flat", faces=len(index))
        return IndexStatus(
            kind="ivf_flat",
            faces=len(index),
            lists=index.lists,
            probed=index.probed,
            trained_by=self._trained_by,
        )

    def update(self, former: Numbers, shown: IndexedVectors) -> int:
        """Show these vectors, and no longer those of `former` numbers; return how many have left.

        Those that stay are never out of it: a search under way sees one vector of theirs.
        """
        stays = np.isin(shown.numbers, former)
        left = former[~np.isin(former, shown.numbers)]
        if len(left):
            self.remove(left)
        if stays.any():
            self.alter(*shown.of(np.flatnonzero(stays)))
        if not stays.all():
            self.add(*shown.of(np.flatnonzero(~stays)))
        return len(left)

    def add(self, numbers: Numbers, vectors: Vectors, places: Places) -> None:
        """Add unit vectors, float32 of shape (n, d), under these numbers, which are not here."""
        self._index.add(numbers, vectors, places)
        self._note(numbers)

    def alter(self, numbers: Numbers, vectors: Vectors, places: Places) -> None:
        """Give other unit vectors, (n, d), to numbers that are here."""
        self._index.alter(numbers, vectors, places)
        self._note(numbers)

    def remove(self, numbers: Numbers) -> None:
        """Remove the vectors with these numbers."""
        self._index.remove(numbers)
        self._note(numbers)

    def search(
        self, probes: Vectors, places: Places, k: int, reading: Reading = nullcontext
    ) -> list[dict[int, Similarity]]:
        """Return for each unit vector of `probes` (n, d) at least the `k` best by score.

        `reading` is held for one piece of the work after the other; see FlatIndex.
        """
        return self._index.search(probes, places, k, reading)

    def cosines(self, probes: Vectors) -> list[tuple[Floats, Places]] | None:
        """Return the cosines of the `probes` with all vectors, and their places; see FlatIndex.

        None where not all vectors are looked at.
        """
        return self._index.cosines(probes) if isinstance(self._index, FlatIndex) else None

    @property
    def memory(self) -> int:
        """Bytes of what is in it, without what is left over for more."""
        return self._index.memory

    @property
    def pieces(self) -> int:
        """How many pieces it has, each of which is copied in a few milliseconds."""
        return self._index.pieces

    def piece(self, number: int) -> IndexedVectors:
        """Return a copy of what is in one piece."""
        return self._index.piece(number)

    def of(self, numbers: Numbers) -> IndexedVectors:
        """Return what is here of these numbers."""
        return self._index.of(numbers)

    def wants_lists(self, least: int = LEAST_LISTED) -> bool:
        """Say whether lists should be made now, the first ones or others, of `least` vectors."""
        enough = max(least, _GROWTH * self._trained_by)
        return self._kind == "ivf_flat" and len(self) >= enough and self._changed is None

    def begin(self) -> None:
        """Note what changes from now on."""
        self._changed = set()

    def abandon(self, tried: int = 0) -> None:
        """Leave the index as it is; lists that were made of `tried` vectors would not pay."""
        self._changed = None
        self._trained_by = max(self._trained_by, tried)

    def replace(self, index: IvfFlatIndex) -> FlatIndex | IvfFlatIndex:
        """Search another index from now on, which was made of pieces that were copied meanwhile.

        Return the former one.
        """
        self._trained_by = len(index)
        changed = np.array(sorted(self._changed or ()), np.int64)
        index.discard(changed)
        index.add(*self._index.of(changed))
        former, self._index = self._index, index
        self.made += 1
        self._changed = None
        return former

    def _note(self, numbers: Numbers) -> None:
        if self._changed is not None:
            self._changed.update(numbers.tolist())
