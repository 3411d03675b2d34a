"""Faces in pictures as dlib's detector and landmarks find them: others are compared with these."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from contract.errors import PictureError
from encoder.custom.face_points import FacePoints
from encoder.detector import DetectedFace, FaceDetector
from encoder.picture.decode import open_picture
from encoder.picture.detection_scale import detection_scales
from encoder.picture.limits import PictureLimits
from encoder.picture.pixels import Pixels
from encoder.recognizer import FaceCut

_SURE = 0.3
"""Confidence of what is a face; below it dlib's detector sees some in leaves and curtains."""


class KnownPicture(NamedTuple):
    """A picture, reduced as dlib's detector sees it, and the faces on it."""

    pixels: Pixels
    faces: tuple[DetectedFace, ...]
    """With five points each, in pixels of the reduced picture."""


class FaceFinder:
    """Finds the faces that dlib's detector is sure of, and five points of each."""

    def __init__(self, hog: FaceDetector, points: FacePoints) -> None:
        self._hog = hog
        self._points = points

    def find(self, picture: bytes) -> KnownPicture | None:
        """Return the picture with its faces; None for a file that is refused."""
        try:
            opened = open_picture(picture, PictureLimits())
            pixels = opened.small(detection_scales(*opened.size, "hog", None)[0])
        except PictureError:
            return None
        found = self._hog.detect(np.asarray(Image.fromarray(pixels).convert("L")))
        sure = [face for face in found if face.confidence >= _SURE]
        return KnownPicture(pixels, tuple(self._with_points(pixels, face) for face in sure))

    def _with_points(self, pixels: Pixels, face: DetectedFace) -> DetectedFace:
        points = self._points.find(FaceCut(pixels, face))
        return face._replace(points=tuple((float(x), float(y)) for x, y in points))
