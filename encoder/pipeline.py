"""From a picture file to faces: decode, detect, align, compute vectors.

Takes the bytes of a file; gives Faces, largest first. Raises a PictureError.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from contract.stores.detection import Detection, Detector
from encoder.alignment import AlignedFace, Alignment
from encoder.descriptor import CHIP
from encoder.detector import DetectedFace, FaceDetector, WholePictureDetector
from encoder.face import Face, FaceBox, SecondVectors, largest_first, rank
from encoder.interface import VectorModel
from encoder.picture.decode import open_picture
from encoder.picture.detection_scale import detection_scales
from encoder.picture.limits import PictureLimits
from encoder.picture.pixels import ColourPicture, OpenPicture
from encoder.picture.quality import quality_of
from encoder.recognizer import FaceCut, FaceDescription, Recognizer

_AROUND = 0.75
"""Of a face's width, on each side: a face that is turned by 45 degrees takes half of it."""


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


class Pipeline:
    """One set of models, for one thread at a time."""

    def __init__(self, models: Models, limits: PictureLimits) -> None:
        self.model = models.recognizer.model
        self.dimension = models.recognizer.dimension
        self.second: VectorModel | None = None
        if models.second is not None:
            self.second = VectorModel(models.second.model, models.second.dimension)
        self._second = models.second
        self._hog = models.hog
        self._own = models.own
        self._load_cnn = models.cnn
        self._alignment = models.alignment
        self._recognizer = models.recognizer
        self._limits = limits

    def encode(
        self, picture: bytes, detection: Detection = Detection(), *, to_enroll: bool = False
    ) -> list[Face]:
        """Return the faces in the picture file, largest first. Raises a PictureError."""
        opened = open_picture(picture, self._limits)
        found = self._detect(opened, detection)
        if not found:
            return []
        colours = opened.colours(_reduction(found))
        cuts = [_cut_out(colours, face) for face in found]
        aligned = [self._alignment.align(*cut) for cut in cuts]
        described = self._recognizer.describe(cuts, aligned)
        faces = [
            _face(seen, face, vectors, opened.size)
            for seen, face, vectors in zip(found, aligned, described, strict=True)
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

    def _detect(self, picture: OpenPicture, detection: Detection) -> list[DetectedFace]:
        """Return the faces in pixels of the upright original."""
        smallest = detection.min_face_px
        if self._own is not None and detection.detector == "hog":
            return _detect_by(self._own, picture, smallest)
        for scale in detection_scales(*picture.size, detection.detector, smallest):
            if found := self._detect_at(scale, picture, detection.detector):
                return found
        return []

    def _detect_at(
        self, scale: float, picture: OpenPicture, detector: Detector
    ) -> list[DetectedFace]:
        if detector == "cnn":
            view = picture.small(scale)
            found = self._cnn.detect(view)
        else:
            view = picture.grey(scale)
            found = self._hog.detect(view)
        return _in_original(found, view, picture)

    @cached_property
    def _cnn(self) -> FaceDetector:
        return self._load_cnn()


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


def _detect_by(
    own: WholePictureDetector, picture: OpenPicture, smallest: int | None
) -> list[DetectedFace]:
    """Return the faces in pixels of the upright original, none narrower than `smallest`."""
    if smallest is None:
        view = picture.small(min(1.0, own.size / max(picture.size)))
        return _in_original(own.detect(view), view, picture)
    view = picture.small(own.scale(*picture.size, smallest))
    found = _in_original(own.detect_small(view), view, picture)
    return [face for face in found if face.right - face.left + 1 >= smallest]


def _in_original(
    found: Sequence[DetectedFace], view: NDArray[np.uint8], picture: OpenPicture
) -> list[DetectedFace]:
    """Return the faces in pixels of the upright original, of which they were found in a view."""
    height, width = view.shape[:2]
    across, down = picture.size[0] / width, picture.size[1] / height
    return [face.scaled(across, down) for face in found]


def _cut_out(colours: ColourPicture, face: DetectedFace) -> FaceCut:
    box = face.scaled(1 / colours.reduction, 1 / colours.reduction)
    margin = int((box.right - box.left + 1) * _AROUND)
    left, top = max(0, box.left - margin), max(0, box.top - margin)
    right = min(colours.width, box.right + 1 + margin)
    bottom = min(colours.height, box.bottom + 1 + margin)
    return FaceCut(colours.region(left, top, right, bottom), box.moved(-left, -top))


def _reduction(found: Sequence[DetectedFace]) -> int:
    """Return how much the picture may be reduced while each face still has a chip's pixels."""
    narrowest = min(face.right - face.left + 1 for face in found)
    return max(factor for factor in (1, 2, 4, 8) if factor == 1 or narrowest >= factor * CHIP)


def _face(
    seen: DetectedFace, aligned: AlignedFace, vectors: FaceDescription, size: tuple[int, int]
) -> Face:
    box = FaceBox.clipped(
        top=seen.top,
        right=seen.right + 1,  # a detector's corners are inclusive
        bottom=seen.bottom + 1,
        left=seen.left,
        width=size[0],
        height=size[1],
    )
    quality = quality_of(seen.right - seen.left + 1, aligned.chip, aligned.landmarks)
    return Face(box, vectors.mean, seen.confidence, quality, vectors.plain)
