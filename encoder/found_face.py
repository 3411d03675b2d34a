"""A face that was found in a picture, before anything is made of it."""

from typing import NamedTuple

from encoder.alignment import AlignedFace
from encoder.face import FaceBox, FaceQuality
from encoder.recognizer import FaceCut


class FoundFace(NamedTuple):
    """Where a face is in the upright picture, how well it can be seen, and what it looks like."""

    box: FaceBox
    confidence: float
    """The detector's confidence: above 0, clear frontal faces are at 1 and more."""
    quality: FaceQuality
    cut: FaceCut
    aligned: AlignedFace
