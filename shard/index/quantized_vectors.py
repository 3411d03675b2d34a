"""Vectors in 16 bits a number: half the memory, and a quarter of it is searched."""

import math

import numpy as np
from numpy.typing import NDArray

from contract.vectors import Vectors
from scoring.cohort import Floats
from shard.index.faiss_vectors import ByteVectors, Nearest, Rows

Codes = NDArray[np.uint16]

_STEPS = 1 << 16
_USUAL_DEVIATIONS = 4.0
"""How far from 0 the numbers of a unit vector usually are, at most, times 1/√d."""
_MARGIN = 0.1
"""By how much more than is needed the range of a dimension is widened, times its width."""
_ROOM = 1024
"""Rows for which there is room at once."""
_BLUR_DEVIATIONS = 3.0
"""How many standard deviations off a distance by bytes is taken to be."""


class QuantizedVectors:
    """Unit vectors in rows, each number in steps of 1/65,536 of its dimension's range.

    The upper bytes alone are searched; whatever that finds is compared by both. A cosine by both is
    off by 3 millionths (rounding of 128 dimensions of range .7), which is 2 thousandths of a score.
    """

    def __init__(self, dimension: int) -> None:
        self._upper = ByteVectors(dimension)
        self._lower = np.empty((0, dimension), np.uint8)
        width = _USUAL_DEVIATIONS / math.sqrt(dimension)
        self._low = np.full(dimension, -width, np.float32)
        self._high = np.full(dimension, width, np.float32)
        self._upper.scale(self._low, self._step * 256)

    def __len__(self) -> int:
        return len(self._upper)

    @property
    def rows(self) -> Vectors:
        """The vectors, shape (n, d): a copy."""
        return self.of(np.arange(len(self)))

    def of(self, rows: Rows) -> Vectors:
        """Return the vectors in some rows, shape (m, d): a copy."""
        codes = (self._upper.rows[rows].astype(np.uint16) << 8) | self._lower[rows]
        return self._low + self._step * (codes.astype(np.float32) + np.float32(0.5))

    @property
    def memory(self) -> int:
        """Bytes of the vectors."""
        return self._upper.rows.nbytes + self._lower.nbytes

    @property
    def blur(self) -> float:
        """How far off the distances by which the nearest are found may be.

        Numbers are off evenly by up to half a step of the upper byte: step/√12 in the direction of
        a probe.
        """
        return _BLUR_DEVIATIONS * float(self._step.max()) * 256 / math.sqrt(12)

    def add(self, vectors: Vectors) -> None:
        """Add vectors, (n, d), in the rows after the others."""
        self._widen(vectors.min(axis=0), vectors.max(axis=0))
        first, last = len(self), len(self) + len(vectors)
        if last > len(self._lower):
            self._make_room(last)
        codes = self._codes(vectors)
        self._lower[first:last] = codes & 0xFF
        self._upper.add((codes >> 8).astype(np.uint8))

    def remove(self, row: int) -> None:
        """Remove a row; the last one takes its place. Nothing of the vector stays in memory."""
        last = len(self) - 1
        self._lower[row] = self._lower[last]
        self._lower[last] = 0
        self._upper.remove(row)

    def nearest(self, probes: Vectors, count: int) -> Nearest:
        """Return the `count` of each of the `probes` (p, d) that are nearest by the upper bytes."""
        found = self._upper.nearest(probes, count)
        difference = self.of(found) - probes[:, None, :]
        return Nearest(np.einsum("pmd,pmd->pm", difference, difference), found)

    def _make_room(self, rows: int) -> None:
        size = -(-rows // _ROOM) * _ROOM
        larger = np.zeros((size, self._lower.shape[1]), np.uint8)
        larger[: len(self)] = self._lower[: len(self)]
        self._lower = larger

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
        self._upper.scale(self._low, self._step * 256)
        if len(known):
            codes = self._codes(known)
            self._lower[: len(known)] = codes & 0xFF
            self._upper.rows[:] = codes >> 8
