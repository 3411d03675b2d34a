"""Whether anything moved: most frames of most cameras show an empty shop."""

import numpy as np
from numpy.typing import NDArray

_CHANGED = 12.0
"""Of 255: a thumbnail's pixel is the mean of a hundred, and a sensor's noise moves it by 1 to 3."""
_SHARE = 0.002
"""Of the thumbnail's pixels: 29 of 160 × 90, half of what a head of 80 pixels in 1080p covers."""
_EVERYTHING = 0.6
"""Where so much has changed, it is another picture: a cut, a light, a camera that was turned."""


class MotionGate:
    """Compares each thumbnail with the last one in which something had moved.

    Against that one, and not against the one before, slow steps add up until they are seen.
    """

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None

    def share(self, thumbnail: NDArray[np.uint8]) -> float:
        """Return which part of the picture has changed, 0 to 1; 1 for a first picture.

        Light that becomes brighter everywhere is no motion.
        """
        now, before = thumbnail.astype(np.float32), self._before
        if before is None or before.shape != now.shape:
            self._before = now
            return 1.0
        change = now - before
        share = float((np.abs(change - np.median(change)) > _CHANGED).mean())
        if share >= _SHARE:
            self._before = now
        return share

    @staticmethod
    def is_motion(share: float) -> bool:
        """Say whether so much change is somebody who moves."""
        return share >= _SHARE

    @staticmethod
    def is_another_scene(share: float) -> bool:
        """Say whether so much change leaves nobody where they were."""
        return share >= _EVERYTHING
