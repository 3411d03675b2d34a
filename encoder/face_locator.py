"""Finds the faces in a picture, cuts them out, aligns them, and says how well each can be seen.

What makes vectors of them comes after it (`pipeline.py`); who only wants the faces needs no more.
"""

import time
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from contract.stores.detection import Detection
from encoder.alignment import Alignment
from encoder.descriptor import CHIP
from encoder.detector import DetectedFace, FaceDetector, WholePictureDetector
from encoder.duty_budget import DutyBudget
from encoder.face import FaceBox
from encoder.found_face import FoundFace
from encoder.frontal import is_frontal
from encoder.picture.detection_scale import Method, detection_scales
from encoder.picture.pixels import ColourPicture, OpenPicture
from encoder.picture.quality import quality_of
from encoder.recognizer import FaceCut

_AROUND = 0.75
"""Of a face's width, on each side: a face that is turned by 45 degrees takes half of it."""


class FaceLocator:
    """Detectors and alignment, for one thread at a time."""

    def __init__(
        self,
        hog: FaceDetector,
        cnn: Callable[[], FaceDetector],
        alignment: Alignment,
        own: WholePictureDetector | None = None,
        budget: DutyBudget | None = None,
    ) -> None:
        """`cnn` is loaded when it is first asked for; `own` looks wherever `hog` would.

        `budget` is what `cnn` may take where it looks after `hog`.
        """
        self._hog = hog
        self._own = own
        self._load_cnn = cnn
        self._alignment = alignment
        self._budget = budget or DutyBudget()

    def find(
        self, picture: OpenPicture, detection: Detection, *, whatever_it_takes: bool = False
    ) -> list[FoundFace]:
        """Return the faces in a picture, in the detector's order. Raises a PictureError.

        By `auto` the CNN looks where HOG sees nobody, if its budget allows, or `whatever_it_takes`.
        """
        if detection.detector != "auto":
            return self._find_by(detection.detector, picture, detection)
        found = self._find_by("hog", picture, detection)
        if found or not (whatever_it_takes or self._budget.allows(time.monotonic())):
            return found
        self.load_cnn()
        with self._budget.spending():
            return self._find_by("cnn", picture, detection)

    def load_cnn(self) -> None:
        """Load the CNN, if it is not there: no budget is to pay for that."""
        self._cnn  # noqa: B018 - a cached property

    def _find_by(
        self, method: Method, picture: OpenPicture, detection: Detection
    ) -> list[FoundFace]:
        found = self._detect(method, picture, detection)
        if not found:
            return []
        colours = picture.colours(_reduction(found))
        return [self._found(face, _cut_out(colours, face), picture.size, method) for face in found]

    def _found(
        self, seen: DetectedFace, cut: FaceCut, size: tuple[int, int], method: Method
    ) -> FoundFace:
        box = FaceBox.clipped(
            top=seen.top,
            right=seen.right + 1,  # a detector's corners are inclusive
            bottom=seen.bottom + 1,
            left=seen.left,
            width=size[0],
            height=size[1],
        )
        aligned = self._alignment.align(*cut)
        quality = quality_of(
            seen.right - seen.left + 1,
            aligned.chip,
            aligned.landmarks,
            frontal=method != "cnn" or is_frontal(aligned.chip, self._hog),
        )
        return FoundFace(box, seen.confidence, quality, cut, aligned, method)

    def _detect(
        self, method: Method, picture: OpenPicture, detection: Detection
    ) -> list[DetectedFace]:
        """Return the faces that count, in pixels of the upright original."""
        smallest = detection.min_face_px
        if self._own is not None and method == "hog":
            return _counted(_detect_by(self._own, picture, smallest), picture, detection)
        for scale in detection_scales(*picture.size, method, smallest):
            found = self._detect_at(scale, picture, method)
            if counted := _counted(found, picture, detection):
                return counted
        return []

    def _detect_at(self, scale: float, picture: OpenPicture, method: Method) -> list[DetectedFace]:
        if method == "cnn":
            view = picture.small(scale)
            found = self._cnn.detect(view)
        else:
            view = picture.grey(scale)
            found = self._hog.detect(view)
        return _in_original(found, view, picture)

    @cached_property
    def _cnn(self) -> FaceDetector:
        return self._load_cnn()


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


def _counted(
    found: list[DetectedFace], picture: OpenPicture, detection: Detection
) -> list[DetectedFace]:
    """Return those of the faces, in pixels of the upright original, whose centre counts."""
    width, height = picture.size
    return [
        face
        for face in found
        if detection.counts(
            (face.left + face.right + 1) / 2 / width, (face.top + face.bottom + 1) / 2 / height
        )
    ]


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
