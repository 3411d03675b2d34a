"""How faces are looked for in a picture: what a store may choose, and a request may carry."""

from dataclasses import dataclass
from typing import Literal, get_args

Detector = Literal["hog", "cnn"]
"""`hog` is fast and sees faces from the front; `cnn` also sees masks, profiles and crowds."""
BUILT_IN: tuple[Detector, ...] = get_args(Detector)


@dataclass(frozen=True)
class Detection:
    """Which detector looks, and how small the faces are that it must find."""

    detector: Detector = "hog"
    min_face_px: int | None = None
    """Width in pixels of the upright picture; None: whatever a picture of bounded time shows."""
