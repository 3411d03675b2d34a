"""The compiled detector gives what dlib's gives: the same boxes, in the same order."""

import io
import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from encoder.detector import HogDetector
from encoder.dlib.hog import DlibHog, save_detector
from encoder.files.file_cache import FileCache
from encoder.load.hog import load_hog
from encoder.turbo.hog.model import BadDetector, read_detector
from tests.pictures import SHARED, needs_shared, sample

pytest.importorskip("numba", reason="needs facegate[turbo]")

from encoder import compile as kernels  # needs numba
from encoder.turbo.hog import program as hog_program
from encoder.turbo.hog.detector import TurboHog
from encoder.turbo.hog.kernel import run as hog_kernel
from encoder.turbo.kernel import NotCompiled

Grey = NDArray[np.uint8]
_SAMPLES = ("obama.jpg", "obama_partial_face.jpg", "biden.jpg", "astronaut.png", "32bit.png")


@pytest.fixture(scope="module")
def program() -> hog_program.CompiledHog:
    kernels.main()
    return hog_program.load_compiled_hog(FileCache())


@pytest.fixture(scope="module")
def turbo(program: hog_program.CompiledHog) -> TurboHog:
    return TurboHog(program)


@pytest.fixture(scope="module")
def dlibs() -> DlibHog:
    return DlibHog()


def grey(name: str, factor: float = 1) -> Grey:
    with Image.open(io.BytesIO(sample(name))) as image:
        size = round(image.width * factor), round(image.height * factor)
        return np.array(image.convert("L").resize(size))


def expect_the_same(turbo: HogDetector, dlibs: HogDetector, picture: Grey) -> int:
    expected, actual = dlibs.detect(picture), turbo.detect(picture)
    assert [face[:4] for face in actual] == [face[:4] for face in expected]
    for one, other in zip(actual, expected, strict=True):
        assert abs(one.confidence - other.confidence) < 1e-4
    return len(actual)


@pytest.mark.parametrize("factor", [0.35, 0.8, 1, 1.7])
@pytest.mark.parametrize("name", _SAMPLES)
def test_sees_what_dlib_sees(turbo: TurboHog, dlibs: DlibHog, name: str, factor: float) -> None:
    expect_the_same(turbo, dlibs, grey(name, factor))


@pytest.mark.slow
@needs_shared
def test_sees_what_dlib_sees_in_hundreds_of_photographs(turbo: TurboHog, dlibs: DlibHog) -> None:
    paths = sorted(SHARED.glob("lfw/*/*.jpg"))[::20]
    faces = sum(
        expect_the_same(turbo, dlibs, np.array(Image.open(path).convert("L"))) for path in paths
    )
    assert faces > 300


@given(
    height=st.integers(1, 230),
    width=st.integers(1, 230),
    seed=st.integers(0, 99),
    contrast=st.sampled_from([0, 1, 20, 255]),
    grain=st.sampled_from([1, 3, 16]),
)
@settings(max_examples=150, deadline=None)
def test_sees_what_dlib_sees_in_noise_of_any_size(
    turbo: TurboHog,
    dlibs: DlibHog,
    height: int,
    width: int,
    seed: int,
    contrast: int,
    grain: int,
) -> None:
    """Flat pictures, single pixels, lines; faces are not expected, the same answer is."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, contrast + 1, (height // grain + 1, width // grain + 1), np.uint8)
    expect_the_same(
        turbo, dlibs, np.kron(coarse, np.ones((grain, grain), np.uint8))[:height, :width]
    )


@pytest.mark.parametrize("shape", [(1, 3000), (3000, 1), (20, 4000), (700, 24), (20, 20), (64, 63)])
def test_any_shape_is_searched(turbo: TurboHog, dlibs: DlibHog, shape: tuple[int, int]) -> None:
    expect_the_same(turbo, dlibs, np.random.default_rng(0).integers(0, 256, shape, np.uint8))


def test_views_and_read_only_pictures_are_searched(turbo: TurboHog) -> None:
    picture = grey("obama.jpg")
    expected = turbo.detect(picture)
    framed = np.zeros((picture.shape[0] + 9, 2 * picture.shape[1]), np.uint8)
    framed[3:-6, ::2] = picture
    locked = picture.copy()
    locked.flags.writeable = False

    assert len(expected) == 1
    assert turbo.detect(framed[3:-6, ::2]) == expected
    assert turbo.detect(locked) == expected
    assert turbo.detect(np.asfortranarray(picture)) == expected


def test_one_detector_sees_pictures_of_all_sizes_in_turn(turbo: TurboHog, dlibs: DlibHog) -> None:
    for factor in (0.3, 1.3, 0.5, 1):
        assert expect_the_same(turbo, dlibs, grey("obama.jpg", factor)) == 1


def test_a_wall_of_faces_needs_more_room(program: hog_program.CompiledHog, dlibs: DlibHog) -> None:
    face = grey("obama.jpg", 0.5)
    assert expect_the_same(TurboHog(program, room=3), dlibs, np.tile(face, (3, 4))) >= 12


@pytest.mark.processes
def test_a_worker_does_not_load_the_compiler(program: hog_program.CompiledHog) -> None:
    code = (
        "import sys\n"
        "from encoder.load.hog import load_hog\n"
        "from encoder.files.file_cache import FileCache\n"
        "print(load_hog(FileCache()), *sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "TurboHog" in shown[0]
    assert "numba" not in shown


def test_without_a_compiled_kernel_dlib_detects(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert isinstance(load_hog(FileCache([tmp_path])), DlibHog)
    assert "python -m encoder.compile" in caplog.text


def test_without_its_tables_a_kernel_counts_as_absent(
    tmp_path: Path, program: hog_program.CompiledHog
) -> None:
    cache = FileCache([tmp_path], taken_from=FileCache().folders)
    hog_program.HOG.compile(cache, hog_kernel.intermediate_code)
    with pytest.raises(NotCompiled, match=r"python -m encoder\.compile"):
        hog_program.load_compiled_hog(cache)

    hog_program.keep_tables(cache, lambda: program.tables)

    assert isinstance(load_hog(cache), TurboHog)


def test_a_detector_of_another_shape_is_refused(tmp_path: Path) -> None:
    save_detector(tmp_path / "detector")
    saved = (tmp_path / "detector").read_bytes()
    assert read_detector(saved).filters.shape == (5, 31, 10, 10)
    for broken in (b"", saved[:100], saved[:-1], b"\x01\x03" + saved[2:], saved[40_000:]):
        with pytest.raises(BadDetector):
            read_detector(broken)
