"""Small faces in large pictures, by a detector of one's own that sees them in parts.

The detector is simulated: it sees white squares on black, from 20 pixels of its input on.
"""

import io
import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from contract.stores.detection import Detection
from encoder.alignment import AlignedFace
from encoder.custom.detector import CustomDetector
from encoder.custom.picture_parts import picture_parts
from encoder.descriptor import CHIP
from encoder.detector import DetectedFace
from encoder.face import FaceBox
from encoder.picture.limits import PictureLimits
from encoder.pipeline import Models, Pipeline
from encoder.recognizer import FaceCut, FaceDescription
from tests.encoder.custom.detectors import SIDE, Seen, detector_manifest, outputs_of

SIZE, LEAST = (6 * SIDE, 4 * SIDE), 20
PLACES = ((0.2945, 0.3152), (0.7055, 0.3152), (0.5, 0.547), (0.3171, 0.7511), (0.6829, 0.7511))


class SeesSquares:
    """A detector's graph that gives a face for each white square of 20 pixels and more."""

    def __init__(self) -> None:
        self.looks = 0

    def run_all(self, pictures: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        self.looks += 1
        bright = pictures[0, 0] > 0
        return outputs_of("scrfd", [_face(*box) for box in _squares(bright)])


def _squares(bright: NDArray[np.bool_]) -> Iterator[tuple[int, int, int, int]]:
    """Yield left, top, right and bottom of squares that stand beside each other."""
    for left, right in _runs(np.asarray(bright.any(axis=0))):
        for top, bottom in _runs(np.asarray(bright[:, left:right].any(axis=1))):
            if right - left >= LEAST:
                yield left, top, right, bottom


def _runs(values: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(values.astype(int), prepend=0, append=0))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _face(left: int, top: int, right: int, bottom: int) -> Seen:
    points = tuple((left + x * (right - left), top + y * (bottom - top)) for x, y in PLACES)
    return Seen(8, 0.9375, (left, top, right, bottom), points)


class _Nothing:
    """What finds, aligns and describes without looking."""

    model, dimension = "none", 8

    def detect(self, picture: NDArray[np.uint8], /) -> list[DetectedFace]:
        return []

    def align(self, picture: NDArray[np.uint8], box: DetectedFace) -> AlignedFace:
        landmarks = np.array([[1, 0], [0, 0], [4, 0], [5, 0], [2, 3]], np.float32)
        return AlignedFace(np.zeros((CHIP, CHIP, 3), np.uint8), landmarks)

    def describe(
        self, cuts: Sequence[FaceCut], aligned: Sequence[AlignedFace]
    ) -> list[FaceDescription]:
        vector = np.eye(1, self.dimension, dtype=np.float32)[0]
        return [FaceDescription(vector, vector)] * len(cuts)

    def template(self, cut: FaceCut, described: FaceDescription) -> NDArray[np.float32]:
        return described.mean


@pytest.fixture
def graph() -> SeesSquares:
    return SeesSquares()


@pytest.fixture
def pipeline(graph: SeesSquares) -> Pipeline:
    nothing = _Nothing()
    own = CustomDetector(detector_manifest("scrfd", b""), graph)
    return Pipeline(Models(nothing, lambda: nothing, nothing, nothing, own), PictureLimits())


def picture_of(*squares: tuple[int, int, int], size: tuple[int, int] = SIZE) -> bytes:
    """Return a picture, six times as wide as the input, with squares: left, top, side."""
    image = Image.new("RGB", size)
    for left, top, side in squares:
        ImageDraw.Draw(image).rectangle((left, top, left + side - 1, top + side - 1), "white")
    file = io.BytesIO()
    image.save(file, "png")
    return file.getvalue()


def found(pipeline: Pipeline, picture: bytes, min_face_px: int | None) -> list[FaceBox]:
    return [face.box for face in pipeline.encode(picture, Detection(min_face_px=min_face_px))]


SMALL, LARGE = (500, 300, 60), (40, 40, 240)


def test_small_faces_are_found_where_the_store_asks_for_them(
    pipeline: Pipeline, graph: SeesSquares
) -> None:
    picture = picture_of(SMALL, LARGE)

    [usual] = found(pipeline, picture, None)
    assert graph.looks == 1
    first, second = found(pipeline, picture, 50)

    assert usual == pytest.approx((40, 280, 280, 40), abs=8)
    assert first == pytest.approx((40, 280, 280, 40), abs=8)
    assert second == pytest.approx((300, 560, 360, 500), abs=4)
    assert graph.looks <= 1 + 10


@pytest.mark.parametrize("left", range(200, 480, 20))
def test_each_face_is_found_once_wherever_the_parts_meet(pipeline: Pipeline, left: int) -> None:
    [face] = found(pipeline, picture_of((left, 100, 60)), 50)

    assert face == pytest.approx((100, left + 60, 160, left), abs=4)


def test_faces_narrower_than_the_store_says_are_left_out(pipeline: Pipeline) -> None:
    picture = picture_of((500, 100, 150), LARGE)

    assert len(found(pipeline, picture, 140)) == 2
    assert len(found(pipeline, picture, 160)) == 1
    assert found(pipeline, picture, 250) == []


@pytest.mark.parametrize("size", [SIZE, (SIDE * 16, SIDE * 16), (SIDE * 40, 8), (8, SIDE * 40)])
def test_the_looks_are_bounded_however_small_the_faces_are(
    pipeline: Pipeline, graph: SeesSquares, size: tuple[int, int]
) -> None:
    found(pipeline, picture_of(size=size), 20)

    assert 1 < graph.looks <= 10


@pytest.mark.parametrize(("width", "height"), [(128, 128), (134, 60), (135, 60), (300, 700)])
def test_parts_cover_the_picture_and_overlap(width: int, height: int) -> None:
    parts = list(picture_parts(width, height, SIDE))

    if max(width, height) <= 134:
        assert parts == []
        return
    seen = np.zeros((height, width), int)
    for part in parts:
        seen[part.top : part.bottom, part.left : part.right] += 1
        assert max(part.right - part.left, part.bottom - part.top) <= SIDE
    assert seen.min() == 1
    for one, other in itertools.pairwise(parts):
        if one.top == other.top:
            assert one.right - other.left >= SIDE // 4 - 1
