"""How large the picture is in which faces are looked for: it decides how small a face is found.

The detectors see faces of 80 pixels safely, most of 70, few below; their time grows with the pixels
that they are given. Where a store says how small its faces are, the picture is scaled so that those
are 80 pixels wide. Where it does not, the picture is reduced until its longer side has 1024 pixels,
and a small one that seems to show nobody is looked at again, doubled.
"""

import math
from collections.abc import Sequence
from typing import Literal

Method = Literal["hog", "cnn"]
"""What looks for faces: where a store may use several, each at its own scale."""

_SEEN = 80
"""Pixels of a face that the detectors see safely."""
_LONGER_SIDE = 1024
_SMALL = 400
"""Pixels of a longer side up to which a second look costs little."""
_MOST_ENLARGED = 2.0
"""A face of fewer than 40 pixels makes a poor vector."""
_MOST_PIXELS: dict[Method, int] = {"hog": 4_000_000, "cnn": 1_000_000}
"""Bounds time and memory whatever a store asks for: half a second, 100 MB."""


def usual_smallest(width: int, height: int) -> int:
    """Return how wide the faces are that are found in a picture where no store says it."""
    return round(_SEEN * max(1.0, max(width, height) / _LONGER_SIDE))


def detection_scales(
    width: int, height: int, method: Method, min_face_px: int | None
) -> Sequence[float]:
    """Return by how much a picture is scaled before its faces are looked for.

    The second one is for the case that the first shows none.
    """
    if min_face_px is not None:
        bound = math.sqrt(_MOST_PIXELS[method] / (width * height))
        return [min(_SEEN / min_face_px, _MOST_ENLARGED, bound)]
    longer = max(width, height)
    return [1.0, 2.0] if longer <= _SMALL else [min(1.0, _LONGER_SIDE / longer)]
