"""A camera that sees nothing says so."""

import numpy as np

from facegate.camera.seeing.picture_watch import PictureWatch
from tests.facegate.camera.fakes import at

_RANDOM = np.random.default_rng(1)


def picture(mean: float = 120, deviation: float = 40) -> "np.typing.NDArray[np.uint8]":
    return np.clip(_RANDOM.normal(mean, deviation, (90, 160)), 0, 255).astype(np.uint8)


def test_a_camera_that_sees_says_nothing() -> None:
    watch = PictureWatch()

    assert [told for n in range(200) for told in watch.look(picture(), at(n))] == []


def test_a_frozen_picture_is_told_once_and_its_end_too() -> None:
    watch, still = PictureWatch(), picture()

    told = [(n, what) for n in range(120) for what in watch.look(still, at(n))]
    told += [(120, what) for what in watch.look(picture(), at(120))]

    assert told == [(61, ("frozen", True)), (120, ("frozen", False))]


def test_black_and_covered_are_told_apart() -> None:
    watch = PictureWatch()
    seconds = [
        *((picture(3, 1), n) for n in range(15)),
        *((picture(90, 2), n) for n in range(15, 30)),
    ]

    told = [(n, what) for one, n in seconds for what in watch.look(one, at(n))]

    assert told == [(10, ("dark", True)), (15, ("dark", False)), (25, ("covered", True))]


def test_a_moment_in_the_dark_is_nothing() -> None:
    watch = PictureWatch()

    assert [t for n in range(9) for t in watch.look(picture(3, 1), at(n))] == []
    assert list(watch.look(picture(), at(9))) == []
