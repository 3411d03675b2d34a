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

Of 1,274 people's faces as they are, 6 have a confidence below 0.1: one in five of these was known
again, two in three of those from 0.2 to 0.3. Of faces that are turned further than enrolment takes
there are too few to measure, so the limits are its own.
"""

from contract.messages.message import Unfit
from encoder import Face, FaceQuality
from shard.faces.pose import is_turned

LEAST_CONFIDENCE = 0.1
"""Patterns that are no faces are found just above 0."""
SMALLEST = 32
"""Pixels of the face's width."""
DARKEST = 18.0
"""Mean luminance, of 255."""
LEAST_SHARPNESS = 0.9
"""At the luminance of a well lit face; it falls with the square of the light."""
_WELL_LIT = 120.0


def unfitness(face: Face) -> Unfit | None:
    """Return why nobody would know this face again; None where somebody would."""
    quality = face.quality
    if face.confidence < LEAST_CONFIDENCE:
        return "NO_FACE"
    if quality.width < SMALLEST:
        return "TOO_SMALL"
    if quality.light < DARKEST:
        return "TOO_DARK"
    if _sharpness(quality) < LEAST_SHARPNESS:
        return "BLURRED"
    return "POSE" if is_turned(quality) else None


def _sharpness(quality: FaceQuality) -> float:
    """Return what the sharpness would be of the same face, well lit."""
    return quality.sharpness * (_WELL_LIT / min(quality.light, _WELL_LIT)) ** 2
