"""dlib's alignment as a compiled kernel: the same landmarks and chips in a fifth of the time.

dlib waits for the leaves of 7,500 trees, one after the other, which were pushed out of the caches
since the last face.
"""

from collections.abc import Callable
from typing import Self

import numpy as np
from numpy.typing import NDArray

from encoder.alignment import PADDING, AlignedFace
from encoder.descriptor import CHIP
from encoder.detector import DetectedFace
from encoder.files.dlib_values import BadValues
from encoder.files.file_cache import FileCache
from encoder.files.model_files import NetworkFile
from encoder.turbo.alignment.chip_landmarks import CHIP_LANDMARKS
from encoder.turbo.alignment.forests import LINE, landmark_table
from encoder.turbo.alignment.program import ALIGNMENT

_ROOM = 2_000_000
"""Numbers, for faces of about 1,000 pixels: memory that is not used until one is reduced."""


class TurboAlignment:
    """A predictor of landmarks and the chips, compiled at set-up. For one thread at a time."""

    def __init__(self, table: NDArray[np.int32], run: Callable[..., int]) -> None:
        """Take a table of `forests.landmark_table` and the compiled function.

        Raises BadValues when dlib cuts no chips by so many landmarks.
        """
        self._table = table
        self._run = run
        _, trees, _, pixels, landmarks = table[:5].tolist()
        if landmarks not in CHIP_LANDMARKS:
            raise BadValues(f"{landmarks} landmarks")
        chosen = CHIP_LANDMARKS[landmarks]
        self._every = np.arange(landmarks)
        self._which = np.array([each.landmark for each in chosen])
        places = np.array([(each.x, each.y) for each in chosen])
        self._places = (PADDING + places) / (2 * PADDING + 1) * CHIP
        self._floats = np.zeros(pixels + 2 * landmarks + LINE, np.float32)
        self._leaves = np.zeros(trees, np.int64)
        self._room = np.empty(_ROOM, np.uint16)

    @classmethod
    def load(cls, predictor: NetworkFile, cache: FileCache) -> Self:
        """Return the alignment by a file of dlib's landmarks.

        Raises NotCompiled when there is no compiled function, BadValues when the file is of another
        kind, OSError when it cannot be read.
        """
        run = ALIGNMENT.load(cache)
        return cls(landmark_table(predictor, cache), run)

    def align(self, picture: NDArray[np.uint8], box: DetectedFace) -> AlignedFace:
        """Return the face in a box of a picture, uint8 RGB (h, w, 3)."""
        picture = np.ascontiguousarray(picture)
        landmarks = np.empty((len(self._every), 2))
        chip = np.empty((CHIP, CHIP, 3), np.uint8)
        if needed := self._align(picture, box, landmarks, chip, self._room):
            self._align(picture, box, landmarks, chip, np.empty(needed, np.uint16))
        return AlignedFace(chip, landmarks.astype(np.float32))

    def _align(
        self,
        picture: NDArray[np.uint8],
        box: DetectedFace,
        landmarks: NDArray[np.float64],
        chip: NDArray[np.uint8],
        room: NDArray[np.uint16],
    ) -> int:
        """Fill landmarks and chip; return 0, or how many numbers of room that takes."""
        table = self._table.ctypes.data
        return self._run(
            *(picture.ctypes.data, *picture.shape[:2]),
            *(box.left, box.top, box.right, box.bottom),
            *(table, table, self._table.size),
            *(self._floats.ctypes.data, self._floats.size),
            *(self._leaves.ctypes.data, self._leaves.size),
            *(self._every.ctypes.data, len(self._every)),
            *(self._which.ctypes.data, self._places.ctypes.data, len(self._which)),
            *(room.ctypes.data, room.size),
            *(landmarks.ctypes.data, chip.ctypes.data),
        )
