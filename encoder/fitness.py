"""Whether a face in a camera's picture can be known again: a stranger who cannot is nobody new.

Whom the gallery knows is recognized however they look. But a stranger's picture in which nobody
would know them again makes a FaceId that nobody ever matches, and every next such picture another.

The limits are lower than those of enrolment. Measured on faces of LFW, one picture of a person
against another that was made worse, at the score that visitors need among 500: how many were known
again, of those that were found. As they are, 72%.

| made worse | known again | what it measures |
|---|---|---|
| 44, 37 pixels wide | 60%, 54% | `width`; narrower ones are hardly found |
| 105 pixels, blurred by 1, 2, 3, 4 | 71%, 43%, 19%, 2% | `sharpness` 3.5, 1.2, 0.8, 0.7 |
| 0.3, 0.2, 0.1 of the light | 71%, 59%, 23% | `light` 36, 24, 12 |

Nobody who walks in is to be lost: of 1,220 pictures of one face as they are, none is beyond these
limits. Five of them have a confidence below 0.1, and are sharp; seven noise patterns of 756 were
taken for faces, with a confidence of 0.01 to 0.8, and six had a sharpness below 0.8.
"""

from typing import Protocol

from contract.messages.message import Unfit
from encoder.face import FaceQuality

SMALLEST = 32
"""Pixels of the face's width."""
DARKEST = 18.0
"""Mean luminance, of 255."""
LEAST_SHARPNESS = 0.9
"""At the luminance of a well lit face; it falls with the square of the light."""
_WELL_LIT = 120.0
DOUBTFUL_CONFIDENCE, SHARP_ENOUGH = 0.1, 2.5
"""Below the first the detector is hardly sure; what is as sharp as the second is a face anyway."""
LARGEST_YAW = 0.7
PITCH = (0.3, 1.6)
LARGEST_ROLL = 35.0
"""Degrees. Faces turned further are hardly found; those of LFW reach 0.63, 0.36, 1.54 and 25."""


class VisibleFace(Protocol):
    """A face, with or without a vector."""

    @property
    def confidence(self) -> float:
        """The detector's confidence."""

    @property
    def quality(self) -> FaceQuality:
        """How well it can be seen."""


def unfitness(face: VisibleFace) -> Unfit | None:
    """Return why nobody would know this face again; None where somebody would."""
    quality, sharpness = face.quality, _sharpness(face.quality)
    if face.confidence < DOUBTFUL_CONFIDENCE and sharpness < SHARP_ENOUGH:
        return "NO_FACE"
    if quality.width < SMALLEST:
        return "TOO_SMALL"
    if quality.light < DARKEST:
        return "TOO_DARK"
    if sharpness < LEAST_SHARPNESS:
        return "BLURRED"
    return "POSE" if _is_turned_away(quality) else None


def _is_turned_away(quality: FaceQuality) -> bool:
    lowest, highest = PITCH
    return (
        not quality.frontal
        or abs(quality.yaw) > LARGEST_YAW
        or not lowest <= quality.pitch <= highest
        or abs(quality.roll) > LARGEST_ROLL
    )


def _sharpness(quality: FaceQuality) -> float:
    """Return what the sharpness would be of the same face, well lit."""
    return quality.sharpness * (_WELL_LIT / min(quality.light, _WELL_LIT)) ** 2
