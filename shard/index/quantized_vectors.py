"""Vectors in 16 bits a number: half the memory, and a quarter of it is searched."""

import math

import numpy as np
from numpy.typing import NDArray

from contract.vectors import Vector, Vectors
from scoring.cohort import Floats
from shard.index.faiss_vectors import Rows

Codes = NDArray[np.uint16]
Bytes = NDArray[np.uint8]

_STEPS = 1 << 16
_USUAL_DEVIATIONS = 4.0
"""How far from 0 the numbers of a unit vector usually are, at most, times 1/√d."""
_MARGIN = 0.1
"""By how much more than is needed the range of a dimension is widened, times its width."""
_ROOM = 1024
"""Rows for which there is room at once."""
_BLUR_DEVIATIONS = 3.0
"""How many standard deviations off a cosine by bytes is taken to be."""
_UNFOLDED = 2048
"""Vectors whose bytes are floats at once: a megabyte, which stays in the processor's cache."""


class QuantizedVectors:
    """Unit vectors in rows, each number in steps of 1/65,536 of its dimension's range.

    The upper bytes alone are searched; whatever that finds is compared by both. A cosine by both is
    off by 3 millionths (rounding of 128 dimensions of range .7), which is 2 thousandths of a score.
    """

    def __init__(self, dimension: int) -> None:
        self._upper = np.empty((0, dimension), np.uint8)
        self._lower = np.empty((0, dimension), np.uint8)
        self._count = 0
        width = _USUAL_DEVIATIONS / math.sqrt(dimension)
        self._low = np.full(dimension, -width, np.float32)
        self._high = np.full(dimension, width, np.float32)

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> Vectors:
        """The vectors, shape (n, d): a copy."""
        return self.of(np.arange(len(self)))

    def of(self, rows: Rows) -> Vectors:
        """Return the vectors in some rows, shape (m, d): a copy."""
        codes = (self._upper[rows].astype(np.uint16) << 8) | self._lower[rows]
        return self._low + self._step * (codes.astype(np.float32) + np.float32(0.5))

    @property
    def memory(self) -> int:
        """Bytes of the vectors."""
        return self._upper.nbytes + self._lower.nbytes

    def cosines(self, probes: Vectors, rows: slice) -> Floats:
        """Return the cosines of `rows` with each of the unit `probes` (p, d): shape (m, p).

        By the upper bytes b alone: the number that stands for one is low + (b + 1/2) · step.
        """
        step = 256 * self._step
        scaled = np.ascontiguousarray((probes * step).T)
        upper = self._upper[: len(self)][rows]
        found = np.empty((len(upper), len(probes)), np.float32)
        for first in range(0, len(upper), _UNFOLDED):
            piece = slice(first, first + _UNFOLDED)
            np.matmul(upper[piece].astype(np.float32), scaled, out=found[piece])
        found += probes @ (self._low + step / 2)
        return found

    @property
    def blur(self) -> float:
        """How far off `cosines` are taken to be: one in 400 is further off.

        Numbers are off evenly by up to half a step of the upper byte: step/√12 in the direction of
        a probe.
        """
        return _BLUR_DEVIATIONS * float(self._step.max()) * 256 / math.sqrt(12)

    def add(self, vectors: Vectors) -> None:
        """Add vectors, (n, d), in the rows after the others."""
        self._widen(vectors.min(axis=0), vectors.max(axis=0))
        last = len(self) + len(vectors)
        if last > len(self._lower):
            self._upper, self._lower = (
                self._larger(self._upper, last),
                self._larger(self._lower, last),
            )
        self._write(slice(len(self), last), vectors)
        self._count = last

    def alter(self, row: int, vector: Vector) -> None:
        """Put another vector, (d,), in a row."""
        self._widen(vector, vector)
        self._write(slice(row, row + 1), vector[None])

    def remove(self, row: int) -> None:
        """Remove a row; the last one takes its place. Nothing of the vector stays in memory."""
        self._count -= 1
        for part in (self._upper, self._lower):
            part[row] = part[self._count]
            part[self._count] = 0

    def _larger(self, part: Bytes, rows: int) -> Bytes:
        """Return a copy with room for so many rows."""
        larger = np.zeros((-(-rows // _ROOM) * _ROOM, part.shape[1]), np.uint8)
        larger[: len(self)] = part[: len(self)]
        return larger

    def _write(self, rows: slice, vectors: Vectors) -> None:
        codes = self._codes(vectors)
        self._upper[rows], self._lower[rows] = codes >> 8, codes & 0xFF

    @property
    def _step(self) -> Floats:
        return (self._high - self._low) / np.float32(_STEPS)

    def _codes(self, vectors: Vectors) -> Codes:
        codes: Codes = np.clip((vectors - self._low) / self._step, 0, _STEPS - 1).astype(np.uint16)
        return codes

    def _widen(self, low: Floats, high: Floats) -> None:
        """Have the ranges reach from `low` to `high`; what is there is written anew by them."""
        if (low >= self._low).all() and (high <= self._high).all():
            return
        known = self.rows
        margin = _MARGIN * (self._high - self._low)
        self._low = np.where(low < self._low, low - margin, self._low)
        self._high = np.where(high > self._high, high + margin, self._high)
        self._write(slice(len(known)), known)
