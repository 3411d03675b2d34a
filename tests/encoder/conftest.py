import io
from collections.abc import Callable
from functools import cache

import pytest
from PIL import Image

from contract.stores.detection import Detection
from encoder import Backend, Encoder, Face, load_encoder
from tests.pictures import sample


class Remembering:
    """An encoder that encodes each picture once: many tests look at the same photographs."""

    def __init__(self, encoder: Encoder) -> None:
        self.model, self.dimension = encoder.model, encoder.dimension
        self.second = encoder.second
        self._encode = cache(encoder.encode)

    def encode(
        self, picture: bytes, detection: Detection = Detection(), *, to_enroll: bool = False
    ) -> list[Face]:
        return list(self._encode(picture, detection, to_enroll=to_enroll))


@pytest.fixture(scope="session")
def encoders(slow: None) -> Callable[[Backend], Encoder]:
    """Returns the encoder of a backend: each is loaded once."""
    return cache(lambda backend: Remembering(load_encoder(backend)))


@pytest.fixture(scope="session")
def onnx_encoder(encoders: Callable[[Backend], Encoder]) -> Encoder:
    return encoders("onnx")


@pytest.fixture(scope="session")
def dlib_encoder(encoders: Callable[[Backend], Encoder]) -> Encoder:
    return encoders("dlib")


@pytest.fixture(scope="session")
def portrait() -> Image.Image:
    """One face in the upper left of an RGB picture that is not square."""
    with Image.open(io.BytesIO(sample("obama.jpg"))) as image:
        image.load()
    return image.crop((250, 40, 770, 600)).resize((390, 420))
