"""A face that was found in a picture, before anything is made of it."""

from typing import NamedTuple, Self

from encoder.alignment import AlignedFace
from encoder.face import FaceBox, FaceQuality
from encoder.picture.detection_scale import Method
from encoder.recognizer import FaceCut


class FoundFace(NamedTuple):
    """Where a face is in the upright picture, how well it can be seen, and what it looks like."""

    box: FaceBox
    confidence: float
    """The detector's confidence: above 0, clear frontal faces are at 1 and more."""
    quality: FaceQuality
    cut: FaceCut
    aligned: AlignedFace
    seen_by: Method = "hog"

    def moved(self, right: int, down: int) -> Self:
        """Return the face in a picture that begins so many pixels further left and up."""
        return self._replace(box=self.box.moved(right, down))
