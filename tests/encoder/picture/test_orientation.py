"""A picture is turned upright by what its file says, and by how its camera hangs."""

from typing import get_args

import numpy as np
import pytest
from PIL import Image

from contract.stores.detection import Rotation
from encoder.picture.decode import open_picture
from encoder.picture.limits import PictureLimits
from encoder.picture.orientation import turned, upright
from tests.encoder.picture_files import saved

ROTATIONS = get_args(Rotation)


def clockwise(image: Image.Image, degrees: int) -> Image.Image:
    return image.rotate(-degrees, expand=True)


@pytest.fixture
def odd() -> Image.Image:
    """A picture that looks like no turned or mirrored one of itself."""
    return Image.fromarray(np.arange(6, dtype=np.uint8).reshape(2, 3) * 40)


@pytest.mark.parametrize("rotate", ROTATIONS)
@pytest.mark.parametrize("orientation", range(10))
def test_what_the_file_says_comes_first_then_the_turn_of_the_camera(
    odd: Image.Image, orientation: int, rotate: Rotation
) -> None:
    once = upright(odd, turned(orientation, rotate))
    twice = clockwise(upright(odd, orientation), rotate)

    assert np.array_equal(np.asarray(once), np.asarray(twice))


@pytest.mark.parametrize("rotate", ROTATIONS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF", "WEBP"])
@pytest.mark.parametrize("orientation", [1, 5, 8])
def test_every_view_of_a_picture_is_turned(
    portrait: Image.Image, kind: str, rotate: Rotation, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = saved(portrait, kind, exif=exif)
    expected = clockwise(upright(portrait, orientation), rotate)

    opened = open_picture(file, PictureLimits(), rotate)

    assert opened.size == expected.size
    wanted = np.asarray(expected.resize((expected.width // 2, expected.height // 2)), np.int16)
    for view in (
        opened.small(0.5),
        np.asarray(
            Image.fromarray(opened.colours(1).region(0, 0, *opened.size)).resize(
                (expected.width // 2, expected.height // 2)
            )
        ),
    ):
        assert np.abs(view.astype(np.int16) - wanted).mean() < 4
    grey = np.asarray(expected.convert("L").resize((wanted.shape[1], wanted.shape[0])), np.int16)
    assert np.abs(opened.grey(0.5).astype(np.int16) - grey).mean() < 4
