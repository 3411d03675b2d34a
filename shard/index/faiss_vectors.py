"""Vectors in Faiss: in full, and in inverted lists. The one module that knows Faiss."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from contract.vectors import Vector, Vectors
from scoring.cohort import Floats

Numbers = NDArray[np.int64]
Rows = NDArray[np.int64]

_MATRIX_PRODUCT = 800
"""Numbers of all probes of a search from which Faiss computes distances by a matrix product, as to
the lists' centres: 32 probes of 128 take a fifth of what they do below its default of 128,000."""
_LISTS_PER_ROOT = 4
"""Lists of an index, times the root of its vectors: Faiss's own advice is 4 to 16."""
_TRAINED_BY = 64
"""Vectors for each list from which the lists' centres are told, where there are so many."""
_STEPS = 10
"""Steps of k-means, as Faiss makes them for lists."""
_SEED = 1
_PIECE = 16_384
"""Vectors whose lists are found at once, in a second where there are thousands of lists."""
_TABLE_ENTRY = 40
"""Bytes of an entry of the table by which a list is found: a node of 32, and a pointer to it."""
_BY_NUMBER = 2
"""Faiss's DirectMap::Hashtable, which its type stubs do not have: a vector is found, and removed,
by its number."""

_ROUNDING = 1e-6
"""How far off a cosine of float32 vectors may be: a few units in the last place."""

faiss.cvar.distance_compute_blas_threshold = _MATRIX_PRODUCT


class Nearest(NamedTuple):
    """The nearest vectors of some probes, shape (p, m)."""

    squared: Floats
    """Squared L2 distances."""
    found: Rows
    """Their rows, or numbers; −1 where nothing was found."""


class FlatVectors:
    """Vectors in rows, each of which every search looks at."""

    def __init__(self, dimension: int) -> None:
        self._flat = faiss.IndexFlatL2(dimension)
        self._count = 0  # as Faiss has it: asking costs microseconds

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> Vectors:
        """The vectors, shape (n, d): not a copy, and gone with the next change."""
        if not self._count:
            return np.empty((0, self._flat.d), np.float32)
        size = self._count * self._flat.d
        floats: NDArray[np.float32] = faiss.rev_swig_ptr(self._flat.get_xb(), size)
        return floats.reshape(self._count, self._flat.d)

    def of(self, rows: Rows) -> Vectors:
        """Return the vectors in some rows, shape (m, d): a copy."""
        return self.rows[rows]

    @property
    def memory(self) -> int:
        """Bytes of the vectors."""
        return self.rows.nbytes

    def cosines(self, probes: Vectors, rows: slice) -> Floats:
        """Return the cosines of `rows` with each of the unit `probes` (p, d): shape (m, p)."""
        found: Floats = self.rows[rows] @ np.ascontiguousarray(probes.T)
        return found

    @property
    def blur(self) -> float:
        """How far off `cosines` may be: by rounding alone."""
        return _ROUNDING

    def add(self, vectors: Vectors) -> None:
        """Add vectors, (n, d), in the rows after the others."""
        self._flat.add(np.ascontiguousarray(vectors))
        self._count += len(vectors)

    def alter(self, row: int, vector: Vector) -> None:
        """Put another vector, (d,), in a row."""
        self.rows[row] = vector

    def remove(self, row: int) -> None:
        """Remove a row; the last one takes its place. Nothing of the vector stays in memory."""
        last, rows = self._count - 1, self.rows
        rows[row] = rows[last]
        rows[last] = 0
        self._flat.remove_ids(faiss.IDSelectorRange(last, last + 1))
        self._count = last


class ListedVectors:
    """Vectors by number in inverted lists, of which a search looks through the nearest ones.

    An `IndexIVFFlat`: the lists' centres are those of k-means, told from vectors of its own.
    """

    def __init__(self, dimension: int, lists: int) -> None:
        self._flat = faiss.IndexFlatL2(dimension)
        self._lists = faiss.IndexIVFFlat(self._flat, dimension, lists, faiss.METRIC_L2)

    @classmethod
    def of_all(cls, numbers: Numbers, vectors: Vectors, go_on: Callable[[], None]) -> Self:
        """Return lists that fit these vectors, (n, d), with them in it; 16 or more.

        `go_on` is called between the steps of k-means, and ends them by what it raises: they take
        some seconds each with a million vectors.
        """
        _one_thread()
        made = cls(vectors.shape[1], round(_LISTS_PER_ROOT * math.sqrt(len(vectors))))
        count = min(len(vectors), _TRAINED_BY * made.lists)
        chosen = np.random.default_rng(_SEED).choice(len(vectors), count, replace=False)
        made._train(np.ascontiguousarray(vectors[chosen]), go_on)
        made._fill(numbers, vectors, go_on)
        made._lists.set_direct_map_type(_BY_NUMBER)
        return made

    def _fill(self, numbers: Numbers, vectors: Vectors, go_on: Callable[[], None]) -> None:
        """Put all vectors into the lists, which take no more room than they need.

        Where Faiss adds one after the other, each list has room for up to twice as many.
        """
        nearest = np.empty(len(vectors), np.int64)
        for start in range(0, len(vectors), _PIECE):
            go_on()
            piece = slice(start, start + _PIECE)
            nearest[piece] = self._flat.search(np.ascontiguousarray(vectors[piece]), 1)[1][:, 0]
        order = np.argsort(nearest, kind="stable")
        bounds = np.searchsorted(nearest[order], np.arange(self.lists + 1))
        lists = self._lists.invlists
        assert lists is not None, "the index owns them"
        for number, (first, last) in enumerate(pairwise(bounds.tolist())):
            if last > first:
                here = order[first:last]
                found, codes = numbers[here], vectors[here].view(np.uint8)
                entries = len(here), faiss.swig_ptr(found), faiss.swig_ptr(codes)
                lists.add_entries(number, *entries)
        self._lists.ntotal = len(vectors)

    def _train(self, vectors: Vectors, go_on: Callable[[], None]) -> None:
        means = faiss.Clustering(self._lists.d, self.lists)
        means.niter = 1
        means.min_points_per_centroid = 1  # it would warn of fewer, each time
        for _ in range(_STEPS):
            go_on()
            self._flat.reset()  # the centres that the last step has begun with
            means.train(vectors, self._flat)
        self._lists.train(vectors)

    def __len__(self) -> int:
        return int(self._lists.ntotal)

    @property
    def lists(self) -> int:
        """How many lists there are."""
        return int(self._lists.nlist)

    @property
    def probed(self) -> int:
        """How many of them a search looks through: one, until another number is set."""
        return int(self._lists.nprobe)

    @probed.setter
    def probed(self, count: int) -> None:
        self._lists.nprobe = count

    @property
    def memory(self) -> int:
        """Bytes of the vectors, of the centres, and of numbers with their table."""
        floats = 4 * self._lists.d
        return len(self) * (floats + 8 + _TABLE_ENTRY) + self.lists * floats

    def add(self, numbers: Numbers, vectors: Vectors) -> None:
        """Add vectors, (n, d), under numbers that are not here."""
        _one_thread()
        self._lists.add_with_ids(np.ascontiguousarray(vectors), numbers)

    def remove(self, numbers: Numbers) -> None:
        """Remove the vectors with these numbers."""
        self._lists.remove_ids(faiss.IDSelectorArray(numbers))

    def of(self, numbers: Numbers) -> Vectors:
        """Return the vectors with these numbers, shape (n, d)."""
        if not len(numbers):
            return np.empty((0, self._lists.d), np.float32)
        vectors: Vectors = self._lists.reconstruct_batch(numbers)
        return vectors

    def nearest(self, probes: Vectors, count: int) -> Nearest:
        """Return the numbers of the `count` nearest of each of the `probes` (p, d), or fewer."""
        _one_thread()
        return Nearest(*self._lists.search(probes, count))


def _one_thread() -> None:
    """Have Faiss compute on the calling thread: each has a pool of threads of its own."""
    faiss.omp_set_num_threads(1)
