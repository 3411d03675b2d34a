"""Whether a face looks at the camera."""

from encoder import FaceQuality

LARGEST_YAW = 0.45
PITCH = (0.42, 1.2)
LARGEST_ROLL = 30.0
"""Degrees."""


def is_turned(quality: FaceQuality) -> bool:
    """Say whether a face is turned so far away that it is not told well by a picture."""
    lowest, highest = PITCH
    return (
        abs(quality.yaw) > LARGEST_YAW
        or not lowest <= quality.pitch <= highest
        or abs(quality.roll) > LARGEST_ROLL
    )
