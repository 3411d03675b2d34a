"""How faces are looked for in a picture: what a store may choose, and a request may carry."""

from dataclasses import dataclass
from typing import Literal, get_args

from contract.stores.region import Region

Detector = Literal["hog", "cnn", "auto"]
"""`hog` is fast and sees faces from the front; `cnn` also sees masks, profiles and crowds; `auto`
is `hog`, and `cnn` where that sees nobody, within a share of the time."""
BUILT_IN: tuple[Detector, ...] = get_args(Detector)
Rotation = Literal[0, 90, 180, 270]
"""Degrees by which a picture is turned clockwise to be upright, after what its own file says."""
SMALLEST_FACE, LARGEST_FACE = 20, 2000
"""Pixels that `min_face_px` may say."""


@dataclass(frozen=True)
class Detection:
    """Which detector looks, how small the faces are that it must find, and where in the picture."""

    detector: Detector = "hog"
    min_face_px: int | None = None
    """Width in pixels of the upright picture; None: whatever a picture of bounded time shows."""
    rotate: Rotation = 0
    region: Region | None = None
    """Faces whose centre is outside are not looked at any further; None: they count everywhere."""

    def counts(self, x: float, y: float) -> bool:
        """Say whether a face with that centre counts: 0 to 1, of the picture turned upright."""
        return self.region is None or self.region.contains(x, y)
