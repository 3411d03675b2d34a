import io
from collections.abc import Callable
from functools import cache

import pytest
from PIL import Image

from encoder import Backend, Encoder, load_encoder
from tests.pictures import sample


@pytest.fixture(scope="session")
def encoders() -> Callable[[Backend], Encoder]:
    """Returns the encoder of a backend: each is loaded once."""
    return cache(load_encoder)


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
