"""The faces that a network is tried on, each seen in four ways: found once, described often."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from contract.errors import PictureError
from encoder.alignment import AlignedFace, Alignment
from encoder.detector import FaceDetector
from encoder.files.file_cache import FileCache
from encoder.files.model_files import LANDMARKS_5, NetworkFile
from encoder.load.alignment import load_alignment
from encoder.load.hog import load_hog
from encoder.picture.limits import PictureLimits
from encoder.pipeline import Models, Pipeline
from encoder.recognizer import FaceCut, FaceDescription

TURN = 5.0
"""Degrees: heads are held so, and landmarks are off by a little of it."""

Progress = Callable[[int, int], None]
"""Called with the pictures that are done and the pictures in all."""


class View(NamedTuple):
    """A face cut out of a picture, and as dlib's alignment has it."""

    cut: FaceCut
    aligned: AlignedFace


class TrialFace(NamedTuple):
    """The largest face of a picture of somebody."""

    person: str
    plain: View
    others: tuple[View, ...]
    """The mirror image, and the face turned by 5 degrees to either side."""


def find_faces(people: Mapping[str, Sequence[bytes]], progress: Progress) -> list[TrialFace]:
    """Return the faces in the pictures of people; a picture without one, or refused, is left out.

    Raises ConfigurationError when dlib's files, which find and align faces, are not there.
    """
    cache = FileCache()
    alignment = load_alignment(NetworkFile.published(LANDMARKS_5), cache)
    finder = _FaceFinder(load_hog(cache), alignment)
    pictures = [(person, picture) for person, files in people.items() for picture in files]
    faces = []
    for number, (person, picture) in enumerate(pictures, 1):
        if (cut := finder.largest(picture)) is not None:
            faces.append(seen(person, cut, alignment))
        progress(number, len(pictures))
    return faces


def seen(person: str, cut: FaceCut, alignment: Alignment) -> TrialFace:
    """Return a face as it is, mirrored, and turned to either side."""
    plain, *others = (
        View(each, alignment.align(*each))
        for each in (cut, cut.mirrored, _turned(cut, TURN), _turned(cut, -TURN))
    )
    return TrialFace(person, plain, tuple(others))


def _turned(cut: FaceCut, degrees: float) -> FaceCut:
    """Return the part of the picture turned about the middle of the box, which stays."""
    box = cut.box
    middle = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
    picture = Image.fromarray(cut.pixels)
    turned = picture.rotate(degrees, Image.Resampling.BILINEAR, center=middle)
    return FaceCut(np.asarray(turned), box)


class _FaceFinder:
    """The usual way from a picture to its faces, up to where they are described."""

    def __init__(self, hog: FaceDetector, alignment: Alignment) -> None:
        self._cuts = _Cuts()
        models = Models(hog, lambda: hog, alignment, self._cuts)
        self._pipeline = Pipeline(models, PictureLimits())

    def largest(self, picture: bytes) -> FaceCut | None:
        self._cuts.last = []
        try:
            self._pipeline.encode(picture)
        except PictureError:
            return None
        return max(self._cuts.last, key=_width, default=None)


def _width(cut: FaceCut) -> int:
    return cut.box.right - cut.box.left


class _Cuts:
    """A recognizer that keeps what it is given and describes nothing."""

    model = "none"
    dimension = 1

    def __init__(self) -> None:
        self.last: Sequence[FaceCut] = []

    def describe(
        self, cuts: Sequence[FaceCut], aligned: Sequence[AlignedFace]
    ) -> list[FaceDescription]:
        self.last = cuts
        nothing = np.zeros(self.dimension, np.float32)
        return [FaceDescription(nothing, nothing)] * len(cuts)

    def template(self, cut: FaceCut, described: FaceDescription) -> NDArray[np.float32]:
        return described.mean
