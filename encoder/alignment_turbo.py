"""dlib's alignment as a compiled kernel: the same landmarks and chips in a fifth of the time.

dlib waits for the leaves of 7,500 trees, one after the other, which were pushed out of the caches
since the last face.
"""

from collections.abc import Callable
from typing import Self

import numpy as np
from numpy.typing import NDArray

from encoder.alignment import PADDING, Aligned
from encoder.alignment_program import linked_alignment
from encoder.descriptor import CHIP
from encoder.hog import Detected
from encoder.kept_files import KeptFiles
from encoder.landmark_forests import LINE, POINTS, landmark_table
from encoder.model_files import NetworkFile

_FACE = np.array(
    [
        (0.8595674595992, 0.2134981538014),
        (0.6460604764104, 0.2289674387677),
        (0.1205750620789, 0.2137274526848),
        (0.3340850613712, 0.2290642403242),
        (0.4901123135679, 0.6277975316475),
    ]
)
"""Where dlib's `get_face_chip_details` puts the five landmarks of a face without padding."""


class TurboAlignment:
    """The predictor of five points and the chips, compiled at set-up. For one thread at a time."""

    def __init__(self, table: NDArray[np.int32], run: Callable[..., int]) -> None:
        """Take a table of landmark_forests and the compiled function."""
        self._table = table
        self._run = run
        _, trees, _, pixels = table[:4].tolist()
        self._floats = np.zeros(pixels + LINE, np.float32)
        self._leaves = np.zeros(trees, np.int64)
        self._places = np.ascontiguousarray((PADDING + _FACE) / (2 * PADDING + 1) * CHIP)

    @classmethod
    def load(cls, predictor: NetworkFile, kept: KeptFiles) -> Self:
        """Return the alignment by a file of dlib's landmarks.

        Raises NoProgram when there is no compiled function, BadValues when the file is of another
        kind, OSError when it cannot be read.
        """
        run = linked_alignment(kept.folders)
        return cls(landmark_table(predictor, kept), run)

    def align(self, picture: NDArray[np.uint8], box: Detected) -> Aligned:
        """Return the face in a box of a picture, uint8 RGB (h, w, 3)."""
        picture = np.ascontiguousarray(picture)
        landmarks, chip = np.empty((POINTS, 2)), np.empty((CHIP, CHIP, 3), np.uint8)
        table = self._table.ctypes.data
        cut = self._run(
            *(picture.ctypes.data, *picture.shape[:2]),
            *(box.left, box.top, box.right, box.bottom),
            *(table, table, self._table.size),
            *(self._floats.ctypes.data, self._floats.size),
            *(self._leaves.ctypes.data, self._leaves.size),
            *(self._places.ctypes.data, landmarks.ctypes.data, chip.ctypes.data),
        )
        if not cut:  # so large that dlib reduces the picture first; no more than one in a crowd
            from encoder.alignment_dlib import chip_by_dlib

            chip = chip_by_dlib(picture, box, landmarks)
        return Aligned(chip, landmarks.astype(np.float32))
