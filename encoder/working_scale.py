"""How large the picture is in which faces are looked for: it decides how small a face is found.

The detectors see faces of 80 pixels safely, most of 70, few below; their time grows with the pixels
that they are given. Where a store says how small its faces are, the picture is scaled so that those
are 80 pixels wide. Where it does not, the picture is reduced until its longer side has 1024 pixels.
A thumbnail is enlarged in either case: its faces would be missed to save next to no time.
"""

import math

_SEEN = 80
"""Pixels of a face that the detectors see safely."""
_LONGER_SIDE = 1024
_THUMBNAIL = 250
"""Pixels of a longer side up to which a picture costs next to nothing."""
_MOST_ENLARGED = 2.0
"""A face of fewer than 40 pixels makes a poor vector."""
_MOST_PIXELS = 4_000_000
"""Bounds time and memory whatever a store asks for."""


def working_scale(width: int, height: int, min_face_px: int | None) -> float:
    """Return by how much a picture is scaled before its faces are looked for."""
    longer = max(width, height)
    usual = min(1.0, _LONGER_SIDE / longer)
    wanted = usual if min_face_px is None else _SEEN / min_face_px
    if longer < _THUMBNAIL:
        wanted = max(wanted, _THUMBNAIL / longer)
    return min(wanted, _MOST_ENLARGED, math.sqrt(_MOST_PIXELS / (width * height)))
