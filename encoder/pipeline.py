"""From a picture file to faces: decode, detect, align, compute vectors.

Takes the bytes of a file; gives Faces, largest first. Raises a PictureError.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from contract.stores.detection import Detection, Detector
from encoder.alignment import AlignedFace, Alignment
from encoder.descriptor import CHIP, Descriptor
from encoder.detector import DetectedFace, FaceDetector
from encoder.face import Face, FaceBox, largest_first, mean_direction, rank
from encoder.picture.decode import open_picture
from encoder.picture.detection_scale import detection_scales
from encoder.picture.limits import PictureLimits
from encoder.picture.pixels import ColourPicture, OpenPicture
from encoder.picture.quality import quality_of

_AROUND = 0.75
"""Of a face's width, on each side: a face that is turned by 45 degrees takes half of it."""

_BACKWARDS = np.arange(CHIP)[::-1]


class Models(NamedTuple):
    """What does the work. `cnn` is loaded when the first store asks for it, `alignment_68` when the
    first face is enrolled."""

    hog: FaceDetector
    cnn: Callable[[], FaceDetector]
    alignment: Alignment
    alignment_68: Callable[[], Alignment]
    descriptor: Descriptor


class Pipeline:
    """One set of models, for one thread at a time."""

    def __init__(self, models: Models, limits: PictureLimits) -> None:
        self.model = models.descriptor.model
        self.dimension = models.descriptor.dimension
        self._hog = models.hog
        self._load_cnn = models.cnn
        self._alignment = models.alignment
        self._load_alignment_68 = models.alignment_68
        self._descriptor = models.descriptor
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
        aligned = [self._alignment.align(*_cut_out(colours, face)) for face in found]
        described = self._describe(np.stack([face.chip for face in aligned]))
        faces = [
            _face(seen, face, vectors, opened.size)
            for seen, face, vectors in zip(found, aligned, described, strict=True)
        ]
        if to_enroll:
            first = min(range(len(faces)), key=lambda number: rank(faces[number]))
            template = self._template(_cut_out(colours, found[first]), described[first].plain)
            faces[first] = replace(faces[first], template=template)
        return largest_first(faces)

    def _detect(self, picture: OpenPicture, detection: Detection) -> list[DetectedFace]:
        """Return the faces in pixels of the upright original."""
        smallest = detection.min_face_px
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
        height, width = view.shape[:2]
        across, down = picture.size[0] / width, picture.size[1] / height
        return [_scaled(face, across, down) for face in found]

    @cached_property
    def _cnn(self) -> FaceDetector:
        return self._load_cnn()

    @cached_property
    def _alignment_68(self) -> Alignment:
        return self._load_alignment_68()

    def _template(self, cut: "_Cut", plain: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the mean direction of a face's vectors, `plain` and three of other alignments.

        Where landmarks are a little off, so is the vector; others, and those of the mirror image,
        are off in another way.
        """
        mirrored = cut.mirrored
        aligned = [
            self._alignment.align(*mirrored),
            self._alignment_68.align(*cut),
            self._alignment_68.align(*mirrored),
        ]
        others = self._descriptor.describe(np.stack([face.chip for face in aligned]))
        return mean_direction(plain, *others)

    def _describe(self, chips: NDArray[np.uint8]) -> list["_Vectors"]:
        """Return the vectors of chips (n, 150, 150, 3): all of a picture in one batch."""
        both = self._descriptor.describe(np.concatenate([chips, chips.take(_BACKWARDS, axis=2)]))
        plain, mirrored = both[: len(chips)], both[len(chips) :]
        means = mean_direction(plain, mirrored)
        return [_Vectors(*vectors) for vectors in zip(means, plain, strict=True)]


class _Cut(NamedTuple):
    """A part of a picture with a face in a box, and as much around it as alignment may touch."""

    pixels: NDArray[np.uint8]
    box: DetectedFace

    @property
    def mirrored(self) -> Self:
        """The mirror image."""
        last, box = self.pixels.shape[1] - 1, self.box
        flipped = box._replace(left=last - box.right, right=last - box.left)
        return type(self)(np.ascontiguousarray(self.pixels[:, ::-1]), flipped)


class _Vectors(NamedTuple):
    """A face's vectors: the one to recognise by, and the network's own."""

    mean: NDArray[np.float32]
    plain: NDArray[np.float32]


def _cut_out(colours: ColourPicture, face: DetectedFace) -> _Cut:
    box = _scaled(face, 1 / colours.reduction, 1 / colours.reduction)
    margin = int((box.right - box.left + 1) * _AROUND)
    left, top = max(0, box.left - margin), max(0, box.top - margin)
    right = min(colours.width, box.right + 1 + margin)
    bottom = min(colours.height, box.bottom + 1 + margin)
    within = DetectedFace(
        box.left - left, box.top - top, box.right - left, box.bottom - top, box.confidence
    )
    return _Cut(colours.region(left, top, right, bottom), within)


def _reduction(found: Sequence[DetectedFace]) -> int:
    """Return how much the picture may be reduced while each face still has a chip's pixels."""
    narrowest = min(face.right - face.left + 1 for face in found)
    return max(factor for factor in (1, 2, 4, 8) if factor == 1 or narrowest >= factor * CHIP)


def _scaled(face: DetectedFace, across: float, down: float) -> DetectedFace:
    return DetectedFace(
        round(face.left * across),
        round(face.top * down),
        round((face.right + 1) * across) - 1,
        round((face.bottom + 1) * down) - 1,
        face.confidence,
    )


def _face(
    seen: DetectedFace, aligned: AlignedFace, vectors: _Vectors, size: tuple[int, int]
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
