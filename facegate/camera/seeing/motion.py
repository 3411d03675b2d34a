"""Whether anything moved, and where: most frames of most cameras show an empty shop."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from facegate.camera.seeing.scene_change import replaced_share

_CHANGED = 12.0
"""Of 255: a thumbnail's pixel is the mean of a hundred, and a sensor's noise moves it by 1 to 3."""
_SHARE = 0.002
"""Of the thumbnail's pixels: 29 of 160 × 90, half of what a head of 80 pixels in 1080p covers."""
_MUCH = 0.4
"""Cuts of a film between dark scenes change half of the picture; whoever walks in, less."""
_REPLACED = 2 / 3
"""Where so much shows something else, too, it is another scene: a cut, a camera that was turned."""


class Motion(NamedTuple):
    """What has changed from one picture to another."""

    changed: NDArray[np.bool_]
    """Which pixels of the thumbnail, of shape (h, w)."""
    replaced: float = 0.0
    """Which part of what is to be seen is something else, 0 to 1; 0 where little has changed."""

    @property
    def share(self) -> float:
        """Which part of the picture has changed, 0 to 1."""
        return float(self.changed.mean())

    @property
    def is_somebody(self) -> bool:
        """Whether so much change is somebody who moves."""
        return self.share >= _SHARE

    @property
    def is_another_view(self) -> bool:
        """Whether so much has changed that other people may be in it, wherever they are."""
        return self.share >= _MUCH

    @property
    def is_another_scene(self) -> bool:
        """Whether so much shows something else that nobody is where they were."""
        return self.is_another_view and self.replaced >= _REPLACED


class MotionGate:
    """Compares each thumbnail with the last one in which something had moved.

    Against that one, and not against the one before, slow steps add up until they are seen.
    """

    def __init__(self) -> None:
        self._before: NDArray[np.uint8] | None = None

    def look(self, thumbnail: NDArray[np.uint8]) -> Motion:
        """Return what has changed: everything, in a first picture.

        Light that becomes brighter everywhere is no motion.
        """
        before = self._before
        if before is None or before.shape != thumbnail.shape:
            self._before = thumbnail
            return Motion(np.ones(thumbnail.shape, bool), replaced=1.0)
        change = thumbnail.astype(np.float32) - before
        motion = Motion(np.abs(change - np.median(change)) > _CHANGED)
        if motion.is_another_view:
            motion = motion._replace(replaced=replaced_share(before, thumbnail))
        if motion.is_somebody:
            self._before = thumbnail
        return motion
