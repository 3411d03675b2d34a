"""`auto`: HOG, and the CNN where that sees nobody, within a share of the time."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from contract.stores.detection import Detection
from contract.stores.region import Region
from encoder import Backend, Encoder, EncoderChoice, PictureLimits, load_encoder
from encoder.detector import DetectedFace
from encoder.duty_budget import DutyBudget
from encoder.face_locator import FaceLocator
from encoder.files.file_cache import FileCache
from encoder.files.model_files import LANDMARKS_5, NetworkFile
from encoder.load.alignment import load_alignment
from encoder.load.hog import load_hog
from encoder.picture.pixels import RgbPicture
from encoder.workers.messages import start_of, start_text
from tests.encoder.picture_files import saved

AUTO = Detection("auto")


class CountingCnn:
    """Sees one face in every picture, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def detect(self, picture: NDArray[np.uint8], /) -> list[DetectedFace]:
        self.asked += 1
        return [DetectedFace(100, 100, 199, 199, 1.0)]


@pytest.fixture
def cnn() -> CountingCnn:
    return CountingCnn()


@pytest.fixture(scope="module")
def lying(portrait: Image.Image) -> Image.Image:
    """A face turned so far that HOG does not see it."""
    return portrait.rotate(50, Image.Resampling.BICUBIC, expand=True)


def locator(cnn: CountingCnn, share: float, slow: None) -> FaceLocator:
    cache = FileCache()
    budget = DutyBudget(share, cpu=lambda: 0.0)
    alignment = load_alignment(NetworkFile.published(LANDMARKS_5), cache)
    return FaceLocator(load_hog(cache), lambda: cnn, alignment, budget=budget)


@pytest.mark.parametrize("backend", ["onnx", "dlib"])
def test_whom_hog_does_not_see_the_cnn_finds(
    backend: Backend, lying: Image.Image, encoders: Callable[[Backend], Encoder]
) -> None:
    encoder, picture = encoders(backend), saved(lying, "PNG")

    [face] = encoder.encode(picture, AUTO)

    assert encoder.encode(picture, Detection("hog")) == []
    assert face.box == encoder.encode(picture, Detection("cnn"))[0].box


def test_where_hog_sees_somebody_the_cnn_is_not_asked(
    cnn: CountingCnn, portrait: Image.Image, slow: None
) -> None:
    [face] = locator(cnn, 1.0, slow).find(RgbPicture(portrait), AUTO)

    assert face.seen_by == "hog"
    assert cnn.asked == 0


def test_whom_hog_sees_outside_the_region_is_nobody_there(
    cnn: CountingCnn, portrait: Image.Image, slow: None
) -> None:
    elsewhere = Detection("auto", region=Region.parse([0, 0.9, 1, 1]))

    assert locator(cnn, 1.0, slow).find(RgbPicture(portrait), elsewhere) == []
    assert cnn.asked > 0


def test_beyond_its_share_the_cnn_is_not_asked_but_for_an_enrolment(
    cnn: CountingCnn, slow: None
) -> None:
    picture = RgbPicture(Image.new("RGB", (640, 480)))
    stingy = locator(cnn, 0.0, slow)

    assert stingy.find(picture, AUTO) == []
    assert cnn.asked == 0

    [face] = stingy.find(picture, AUTO, whatever_it_takes=True)
    assert face.seen_by == "cnn"


def test_an_encoder_has_the_share_that_was_chosen(lying: Image.Image, slow: None) -> None:
    encoder = load_encoder(EncoderChoice(cnn_share=0.0))

    assert encoder.encode(saved(lying, "PNG"), AUTO) == []
    assert len(encoder.encode(saved(lying, "PNG"), AUTO, to_enroll=True)) == 1


def test_a_worker_is_told_the_share() -> None:
    choice = EncoderChoice(cnn_share=0.25)

    assert start_of(start_text(choice, PictureLimits()))[0] == choice
