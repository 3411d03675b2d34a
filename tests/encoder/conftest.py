import io

import pytest
from PIL import Image

from encoder import Encoder, load_encoder
from tests.pictures import sample


@pytest.fixture(scope="session")
def dlib_encoder() -> Encoder:
    return load_encoder("dlib")


@pytest.fixture(scope="session")
def portrait() -> Image.Image:
    """One face in the upper left of an RGB picture that is not square."""
    with Image.open(io.BytesIO(sample("obama.jpg"))) as image:
        image.load()
    return image.crop((250, 40, 770, 600)).resize((390, 420))
