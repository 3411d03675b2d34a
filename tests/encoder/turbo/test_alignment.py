"""The compiled alignment gives what dlib's gives: the same landmarks and the same chips."""

import io
import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from encoder.alignment import Alignment
from encoder.detector import DetectedFace
from encoder.dlib.alignment import DlibAlignment
from encoder.dlib.hog import DlibHog
from encoder.files.dlib_values import BadValues
from encoder.files.file_cache import FileCache
from encoder.files.model_files import LANDMARKS_5, LANDMARKS_68, RESNET, NetworkFile, model_file
from encoder.load.alignment import load_alignment
from encoder.picture.pixels import Pixels
from encoder.turbo.alignment.forests import landmark_table, table_of
from tests.pictures import SHARED, needs_shared, sample

pytest.importorskip("numba", reason="needs facegate[turbo]")

from encoder import compile as kernels  # needs numba
from encoder.turbo.alignment.alignment import TurboAlignment

pytestmark = pytest.mark.slow

_SAMPLES = ("obama.jpg", "obama_partial_face.jpg", "biden.jpg", "astronaut.png")
_PREDICTOR = NetworkFile.at(model_file(LANDMARKS_5))


@pytest.fixture(scope="module", params=[LANDMARKS_5, LANDMARKS_68])
def predictor(request: pytest.FixtureRequest) -> NetworkFile:
    return NetworkFile.at(model_file(request.param))


@pytest.fixture(scope="module")
def turbo(predictor: NetworkFile) -> TurboAlignment:
    kernels.main()
    return TurboAlignment.load(predictor, FileCache())


@pytest.fixture(scope="module")
def dlibs(predictor: NetworkFile) -> DlibAlignment:
    return DlibAlignment(predictor.path)


@pytest.fixture(scope="module")
def hog() -> DlibHog:
    return DlibHog()


def pixels(file: bytes | Path, factor: float = 1) -> Pixels:
    """Return the upper part of a portrait, so many times as large: below are no faces."""
    with Image.open(io.BytesIO(file) if isinstance(file, bytes) else file) as image:
        part = image.convert("RGB").crop((0, 0, image.width, min(image.size)))
    return np.array(part.resize((round(part.width * factor), round(part.height * factor))))


def expect_the_same(
    turbo: Alignment, dlibs: Alignment, picture: Pixels, box: DetectedFace
) -> NDArray[np.uint8]:
    expected, actual = dlibs.align(picture, box), turbo.align(picture, box)
    assert np.array_equal(actual.landmarks, expected.landmarks)
    assert np.array_equal(actual.chip, expected.chip)
    return actual.chip


def _faces(hog: DlibHog, picture: Pixels) -> list[DetectedFace]:
    return hog.detect(np.array(Image.fromarray(picture).convert("L")))


@pytest.mark.parametrize("factor", [0.35, 0.8, 1, 1.7, 4, 9])
@pytest.mark.parametrize("name", _SAMPLES)
def test_aligns_faces_as_dlib_does(
    turbo: TurboAlignment, dlibs: DlibAlignment, hog: DlibHog, name: str, factor: float
) -> None:
    picture = pixels(sample(name), factor)
    for found in _faces(hog, pixels(sample(name))):
        left, top, right, bottom = (round(corner * factor) for corner in found[:4])
        box = DetectedFace(left, top, right, bottom, found.confidence)
        assert expect_the_same(turbo, dlibs, picture, box).std() > 20  # a picture, not a blank


@needs_shared
def test_aligns_hundreds_of_faces_as_dlib_does(
    turbo: TurboAlignment, dlibs: DlibAlignment, hog: DlibHog
) -> None:
    count = 0
    for path in sorted(SHARED.glob("lfw/*/*.jpg"))[::20]:
        picture = pixels(path)
        for box in _faces(hog, picture):
            expect_the_same(turbo, dlibs, picture, box)
            count += 1
    assert count > 300


@given(
    height=st.integers(1, 300),
    width=st.integers(1, 300),
    side=st.integers(30, 4000),
    left=st.integers(-300, 300),
    top=st.integers(-300, 300),
    seed=st.integers(0, 99),
)
@settings(max_examples=150, deadline=None)
def test_aligns_anything_as_dlib_does(
    turbo: TurboAlignment,
    dlibs: DlibAlignment,
    height: int,
    width: int,
    side: int,
    left: int,
    top: int,
    seed: int,
) -> None:
    """Boxes of every size, of which many make dlib reduce the picture, within and beside it."""
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    box = DetectedFace(left, top, left + side, top + side, 1.0)
    expect_the_same(turbo, dlibs, picture, box)


def test_without_a_compiled_kernel_dlib_aligns(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert isinstance(load_alignment(_PREDICTOR, FileCache([tmp_path])), DlibAlignment)
    assert "python -m encoder.compile" in caplog.text


def test_files_of_another_kind_are_refused() -> None:
    whole = _PREDICTOR.path.read_bytes()
    other = model_file(RESNET).read_bytes()
    for broken in (b"", other, whole[: len(whole) // 9], b"\x01\x02" + whole[2:]):
        with pytest.raises(BadValues):
            table_of(broken)


def test_a_table_is_made_once_and_again_when_it_is_damaged(tmp_path: Path) -> None:
    cache = FileCache([tmp_path])
    expected = landmark_table(_PREDICTOR, cache).copy()
    (path,) = tmp_path.glob("*.npy")
    path.write_bytes(path.read_bytes()[:-1])

    assert np.array_equal(landmark_table(_PREDICTOR, cache), expected)
