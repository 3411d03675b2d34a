"""dlib's HOG detector as a compiled kernel: the same boxes in a quarter of the time."""

import numpy as np
from numpy.typing import NDArray

from encoder.detector import DetectedFace
from encoder.files.network import Overlap
from encoder.non_maximum_suppression import non_maximum_suppression
from encoder.turbo.hog.boxes import box_of, levels
from encoder.turbo.hog.program import CompiledHog

_WINDOWS = 4096
"""A face has about ten that reach a limit."""


class TurboHog:
    """The frontal face detector, compiled at set-up. For one thread at a time."""

    def __init__(self, program: CompiledHog, room: int = _WINDOWS) -> None:
        """Take the kernel; there is room for so many windows at first."""
        self._tables = program.tables
        self._overlap = Overlap(*program.tables.overlap.tolist())
        self._search = program.search
        self._memory = np.empty(1, np.float32)
        self._windows = np.empty((room, 5))

    def detect(self, grey: NDArray[np.uint8]) -> list[DetectedFace]:
        """Return the faces in a picture, uint8 of shape (h, w)."""
        pixels = np.ascontiguousarray(grey)
        while (count := self._count(pixels)) > len(self._windows):
            self._windows = np.empty((count, 5))  # more than there was room for: once more
        found = (
            self._detected(int(number), int(level), int(row), int(column), score)
            for number, level, row, column, score in self._windows[:count].tolist()
        )
        return non_maximum_suppression(found, self._overlap)

    def _count(self, pixels: NDArray[np.uint8]) -> int:
        """Put the windows that reach a limit into `_windows`; return how many there are."""
        while (count := self._run(pixels)) < 0:
            self._memory = np.empty(-count, np.float32)
        return count

    def _run(self, pixels: NDArray[np.uint8]) -> int:
        height, width = pixels.shape
        tables = self._tables
        memory = self._memory.ctypes.data
        return self._search(
            *(pixels.ctypes.data, height, width, levels(height, width)),
            *(tables.weights.ctypes.data, tables.filters.ctypes.data),
            *(tables.limits.ctypes.data, len(tables.limits), float(tables.margin)),
            *(tables.mix.ctypes.data, len(tables.mix)),
            *(tables.term_filters.ctypes.data, tables.term_planes.ctypes.data),
            *(tables.term_factors.ctypes.data, len(tables.term_factors)),
            *(memory, memory, memory, memory, len(self._memory)),
            *(self._windows.ctypes.data, len(self._windows)),
        )

    def _detected(
        self, number: int, level: int, row: int, column: int, score: float
    ) -> DetectedFace:
        confidence = score - float(self._tables.limits[number])
        return DetectedFace(*box_of(level, row, column), confidence)
