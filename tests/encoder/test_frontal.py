"""Who looks into the camera is told by HOG: the CNN sees profiles, and of them landmarks lie."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from contract.stores.detection import Detection
from encoder import Backend, Encoder, Face, FaceBox
from encoder.files.file_cache import FileCache
from encoder.fitness import unfitness
from encoder.frontal import is_frontal
from encoder.load.hog import load_hog
from encoder.workers.messages import answer_with_faces, faces_of
from tests.encoder.picture_files import saved
from tests.shard.fakes import LOOKS, vector_of

CNN = Detection("cnn")


@pytest.mark.parametrize("backend", ["onnx", "dlib", "face_recognition"])
def test_a_face_from_the_front_is_fit_however_it_is_turned(
    backend: Backend, portrait: Image.Image, encoders: Callable[[Backend], Encoder]
) -> None:
    lying = portrait.rotate(30, Image.Resampling.BICUBIC, expand=True)

    for picture in (portrait, lying):
        [face] = encoders(backend).encode(saved(picture, "PNG"), CNN)
        assert face.quality.frontal
        assert unfitness(face) is None


@pytest.mark.parametrize("backend", ["onnx", "face_recognition"])
def test_half_a_face_is_none_that_somebody_would_know_again(
    backend: Backend, portrait: Image.Image, encoders: Callable[[Backend], Encoder]
) -> None:
    [whole] = encoders(backend).encode(saved(portrait, "PNG"), CNN)
    half = portrait.copy()
    middle = (whole.box.left + whole.box.right) // 2
    ImageDraw.Draw(half).rectangle((0, 0, middle, half.height), (90, 90, 90))

    [face] = encoders(backend).encode(saved(half, "PNG"), CNN)

    assert unfitness(face) == "POSE"


def test_noise_does_not_look_into_the_camera(slow: None) -> None:
    noise: NDArray[np.uint8] = np.random.default_rng(1).integers(0, 255, (150, 150, 3), np.uint8)

    assert not is_frontal(noise, load_hog(FileCache()))


@pytest.mark.parametrize("look", ["profile", "blurred"])
def test_a_worker_says_who_looks_into_the_camera(look: str) -> None:
    face = Face(FaceBox(0, 9, 9, 0), vector_of(1), confidence=1.0, quality=LOOKS[look])

    [told] = faces_of(answer_with_faces([face]))

    assert told.quality == LOOKS[look]
    assert told.quality.frontal == (look != "profile")
