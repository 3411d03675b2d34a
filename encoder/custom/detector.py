"""A face detector of the user's own, with five points of each face."""

import math
from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from encoder.custom.candidates import Candidates, candidates
from encoder.custom.detector_manifest import DetectorManifest
from encoder.custom.picture_parts import picture_parts
from encoder.custom.similarity import similarity
from encoder.detector import DetectedFace, FacePlaces
from encoder.files.network import Overlap
from encoder.non_maximum_suppression import non_maximum_suppression

_MOST = 1000
"""Candidates that are looked at, the surest: bounds the time that a hostile picture takes."""
_SMALLEST = 24
"""Pixels of a face's width in the input that a detector sees safely: chosen, not measured. Both
kinds were trained on faces from about 10 pixels on."""
_MOST_INPUTS, _MOST_ALONG = 4, 3
"""For small faces a picture may be as large as so many inputs, and as long: it has nine parts then
at most, whatever its shape."""
_NOT_COVERED = 1.0
"""Of the smaller of two boxes: no part of it makes them one face."""
_MEAN_FACE = np.array(
    [0.2945 + 0.3152j, 0.7055 + 0.3152j, 0.5 + 0.547j, 0.3171 + 0.7511j, 0.6829 + 0.7511j]
)
"""Where the five points are, x + yi, in the boxes of dlib's detectors, whose sides are 1 (the mean
face of shape_predictor_68_face_landmarks.dat)."""


class DetectorGraph(Protocol):
    """A loaded graph."""

    def run_all(self, pictures: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        """Return all that the graph gives, by name, for what it takes, float32 (1, 3, h, w)."""


class CustomDetector:
    """Uses a detector as its manifest says. It sees the whole picture at once, reduced.

    Where small faces are wanted, it sees the picture in parts as well, less reduced.
    """

    def __init__(self, manifest: DetectorManifest, graph: DetectorGraph) -> None:
        self.size = manifest.size
        self._manifest = manifest
        self._graph = graph
        self._mean = np.array(manifest.mean, np.float32)
        self._std = np.array(manifest.std, np.float32)

    def detect(self, picture: NDArray[np.uint8], /) -> list[DetectedFace]:
        """Return the faces in a picture, uint8 RGB (h, w, 3), the surest first.

        Their boxes are as dlib's detectors have them, around the points: quality, landmarks and
        the smallest face of a store mean the same with each detector.
        """
        return self._one_each(self._seen(picture))

    def detect_small(self, picture: NDArray[np.uint8], /) -> list[DetectedFace]:
        """Return the same, and faces that are too small in the whole picture: `scale` has it."""
        height, width = picture.shape[:2]
        seen = self._seen(picture)
        for part in picture_parts(width, height, self.size):
            pixels = picture[part.top : part.bottom, part.left : part.right]
            in_part = [face.moved(part.left, part.top) for face in self._seen(pixels)]
            seen += [face for face in in_part if not part.cuts(face, width, height)]
        return self._one_each(seen)

    def scale(self, width: int, height: int, smallest: int) -> float:
        """Return by how much a picture is to be scaled for `detect_small` to find small faces.

        They are `smallest` pixels wide in the picture of that width and height. It is 1 at most,
        and less where the parts would be too many.
        """
        whole = self.size / max(width, height)
        bound = min(self.size * math.sqrt(_MOST_INPUTS / (width * height)), _MOST_ALONG * whole)
        return min(1.0, max(whole, min(_SMALLEST / smallest, bound)))

    def _seen(self, picture: NDArray[np.uint8]) -> list[DetectedFace]:
        """Return the candidates, in pixels of the picture, with the detector's own boxes."""
        manifest = self._manifest
        scale = manifest.size / max(picture.shape[:2])
        given = self._graph.run_all(self._input(picture, scale))
        outputs = [given[name] for name in manifest.outputs]
        found = candidates(manifest.preset, outputs, manifest.size, manifest.threshold)
        return _faces(found, scale, manifest.threshold)

    def _one_each(self, seen: list[DetectedFace]) -> list[DetectedFace]:
        """Return the surest candidate of each face, as dlib has it."""
        limits = Overlap(self._manifest.overlap, _NOT_COVERED)
        return [as_dlib_has_it(face) for face in non_maximum_suppression(seen, limits)]

    def _input(self, picture: NDArray[np.uint8], scale: float) -> NDArray[np.float32]:
        """Return the picture as the graph takes it: at the top left of a black square."""
        height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
        small = Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR)
        square = np.zeros((self.size, self.size, 3), np.float32)
        square[:height, :width] = np.asarray(small)
        ordered = square[..., ::-1] if self._manifest.channels == "bgr" else square
        scaled = (ordered - self._mean) / self._std
        return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], np.float32)


def _faces(found: Candidates, scale: float, least: float) -> list[DetectedFace]:
    """Return the surest candidates in pixels of the picture."""
    surest = np.argsort(-found.scores)[:_MOST]
    faces = []
    for score, box, points in zip(*(each[surest] for each in found), strict=True):
        if not (np.isfinite(box).all() and np.isfinite(points).all()):
            continue
        left, top, right, bottom = (round(float(side)) for side in box / scale)
        places = tuple((float(x), float(y)) for x, y in points / scale)
        faces.append(
            DetectedFace(left, top, right - 1, bottom - 1, _confidence(score, least), places)
        )
    return faces


def _confidence(score: float, least: float) -> float:
    """Return how far a score is above its limit, in log odds: about 1 and more for clear faces.

    Scores crowd below 1. dlib's detectors have confidences without an end, too.
    """
    odds = min(float(score), 1 - 1e-6)
    return max(math.log(odds / (1 - odds)) - math.log(least / (1 - least)), 1e-6)


def as_dlib_has_it(face: DetectedFace) -> DetectedFace:
    """Return the face with the square box that dlib's detectors would give it, by its points."""
    assert face.points is not None
    scale, offset = similarity(_MEAN_FACE, _complex(face.points))
    side, middle = abs(scale), scale * (0.5 + 0.5j) + offset
    left, top = round(middle.real - side / 2), round(middle.imag - side / 2)
    last = max(round(side), 1) - 1
    return face._replace(left=left, top=top, right=left + last, bottom=top + last)


def _complex(points: FacePlaces) -> NDArray[np.complex128]:
    return np.array([complex(*point) for point in points])
