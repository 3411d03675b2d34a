"""From a picture file to faces: decode, detect, align, compute vectors.

Takes the bytes of a file; gives Faces, largest first. Raises a PictureError.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from contract.stores.detection import Detection
from encoder.alignment import AlignedFace, Alignment
from encoder.detector import FaceDetector, WholePictureDetector
from encoder.duty_budget import USUAL_SHARE, DutyBudget
from encoder.face import Face, SecondVectors, largest_first, rank
from encoder.face_locator import FaceLocator
from encoder.interface import VectorModel
from encoder.picture.decode import open_picture
from encoder.picture.limits import PictureLimits
from encoder.recognizer import FaceCut, Recognizer


class Models(NamedTuple):
    """What does the work. `cnn` is loaded when the first store asks for it."""

    hog: FaceDetector
    cnn: Callable[[], FaceDetector]
    alignment: Alignment
    recognizer: Recognizer
    own: WholePictureDetector | None = None
    """A detector of the user's own, which looks wherever `hog` would."""
    second: Recognizer | None = None
    """Describes the same faces beside `recognizer`."""
    cnn_share: float = USUAL_SHARE
    """Of a core: what `cnn` may take where it looks after `hog`."""


class Pipeline:
    """One set of models, for one thread at a time."""

    def __init__(self, models: Models, limits: PictureLimits) -> None:
        self.model = models.recognizer.model
        self.dimension = models.recognizer.dimension
        self.second: VectorModel | None = None
        if models.second is not None:
            self.second = VectorModel(models.second.model, models.second.dimension)
        self._second = models.second
        self._finder = FaceLocator(
            models.hog,
            models.cnn,
            models.alignment,
            models.own,
            DutyBudget(models.cnn_share),
        )
        self._recognizer = models.recognizer
        self._limits = limits

    def encode(
        self, picture: bytes, detection: Detection = Detection(), *, to_enroll: bool = False
    ) -> list[Face]:
        """Return the faces in the picture file, largest first. Raises a PictureError."""
        opened = open_picture(picture, self._limits, detection.rotate)
        found = self._finder.find(opened, detection, whatever_it_takes=to_enroll)
        if not found:
            return []
        cuts, aligned = [face.cut for face in found], [face.aligned for face in found]
        described = self._recognizer.describe(cuts, aligned)
        faces = [
            Face(face.box, vectors.mean, face.confidence, face.quality, vectors.plain)
            for face, vectors in zip(found, described, strict=True)
        ]
        first = min(range(len(faces)), key=lambda number: rank(faces[number]))
        if to_enroll:
            template = self._recognizer.template(cuts[first], described[first])
            faces[first] = replace(faces[first], template=template)
        if self._second is not None:
            second = _second_vectors(self._second, cuts, aligned, first if to_enroll else None)
            faces = [
                replace(face, second=vectors) for face, vectors in zip(faces, second, strict=True)
            ]
        return largest_first(faces)


def _second_vectors(
    recognizer: Recognizer,
    cuts: Sequence[FaceCut],
    aligned: Sequence[AlignedFace],
    enrolled: int | None,
) -> list[SecondVectors]:
    """Return what a second recognizer makes of the faces; `enrolled` gets a template as well."""
    described = recognizer.describe(cuts, aligned)
    return [
        SecondVectors(
            vectors.mean, recognizer.template(cut, vectors) if number == enrolled else None
        )
        for number, (cut, vectors) in enumerate(zip(cuts, described, strict=True))
    ]
