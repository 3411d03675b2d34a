"""How a camera hangs, and where in its pictures faces count, for every encoder."""

import io
from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
from PIL import Image, ImageOps

from contract.stores.detection import Detection, Rotation
from contract.stores.region import Region
from encoder import Backend, Encoder, Face
from tests.encoder.picture_files import saved
from tests.pictures import sample

LEFT = Region.parse([0, 0, 0.5, 1])
RIGHT = Region.parse([[0.5, 0], [1, 0], [1, 1], [0.5, 1]])


@pytest.fixture(params=get_args(Backend))
def encoder(request: pytest.FixtureRequest, encoders: Callable[[Backend], Encoder]) -> Encoder:
    return encoders(request.param)


@pytest.fixture(scope="module")
def two_people() -> Image.Image:
    """Obama on the left, Biden on the right."""
    obama, biden = (Image.open(io.BytesIO(sample(name))) for name in ("obama.jpg", "biden.jpg"))
    both = Image.new("RGB", (1200, 600))
    both.paste(ImageOps.contain(obama.convert("RGB"), (600, 600)), (0, 0))
    both.paste(ImageOps.contain(biden.convert("RGB"), (600, 600)), (600, 0))
    return both


def alike(one: Face, other: Face) -> bool:
    return bool(np.linalg.norm(one.vector - other.vector) < 0.36)


@pytest.mark.parametrize("rotate", [90, 180, 270])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_camera_that_hangs_turned_sees_the_same_face_at_the_same_place(
    encoder: Encoder, portrait: Image.Image, rotate: Rotation, kind: str
) -> None:
    (known,) = encoder.encode(saved(portrait, kind))
    hanging = saved(portrait.rotate(rotate, expand=True), kind)  # counterclockwise

    (face,) = encoder.encode(hanging, Detection(rotate=rotate))

    assert np.abs(np.subtract(face.box, known.box)).max() <= 4
    assert alike(face, known)
    assert not any(alike(other, known) for other in encoder.encode(hanging))


def test_a_face_outside_the_region_does_not_count(
    encoder: Encoder, two_people: Image.Image
) -> None:
    picture = saved(two_people, "JPEG", quality=95)
    obama, biden = sorted(encoder.encode(picture), key=lambda face: face.box.left)

    (left,) = encoder.encode(picture, Detection(region=LEFT))
    (right,) = encoder.encode(picture, Detection(region=RIGHT))

    assert (left.box, right.box) == (obama.box, biden.box)
    assert alike(left, obama)
    assert alike(right, biden)
    assert encoder.encode(picture, Detection(region=Region.parse([0, 0.97, 1, 1]))) == []


def test_a_region_is_of_the_picture_that_is_turned(
    encoder: Encoder, two_people: Image.Image
) -> None:
    hanging = saved(two_people.rotate(90, expand=True), "PNG")

    (left,) = encoder.encode(hanging, Detection(rotate=90, region=LEFT))

    assert left.box.right <= 600
