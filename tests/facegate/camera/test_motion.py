"""Frames in which nobody moves are not searched."""

import numpy as np
from PIL import Image

from facegate.camera.seeing.motion import Motion, MotionGate

_SCENE = np.random.default_rng(1).integers(40, 200, (90, 160)).astype(np.uint8)


def seen(*changes: "np.typing.NDArray[np.int64] | int") -> list[bool]:
    """Return in which of the thumbnails something moved, after a first one without a change."""
    gate = MotionGate()
    gate.look(_SCENE)
    moved = []
    for change in changes:
        picture = np.clip(_SCENE.astype(int) + change, 0, 255).astype(np.uint8)
        moved.append(gate.look(picture).is_somebody)
    return moved


def head(left: int, by: int = 60) -> "np.typing.NDArray[np.int64]":
    """Return the change that a head of 8 × 8 pixels makes."""
    change = np.zeros(_SCENE.shape, int)
    change[40:48, left : left + 8] = by
    return change


def test_a_first_picture_is_looked_at() -> None:
    assert MotionGate().look(_SCENE).is_somebody


def test_a_head_that_moves_is_motion_and_one_that_stands_is_not() -> None:
    assert seen(head(20), head(20), head(24), head(24)) == [True, False, True, False]


def test_noise_and_light_are_no_motion() -> None:
    noise = np.random.default_rng(2).normal(0, 2, _SCENE.shape).round().astype(int)

    assert seen(noise, 30, -20) == [False, False, False]


def test_slow_steps_add_up() -> None:
    assert seen(head(20, 5), head(20, 10), head(20, 15)) == [False, False, True]


def rough(seed: int, low: int, high: int) -> "np.typing.NDArray[np.float64]":
    """Return a scene of large shapes, between two levels of light."""
    random = np.random.default_rng(seed)
    shapes = Image.fromarray(random.integers(low, high, (18, 32)).astype(np.uint8))
    return np.asarray(shapes.resize((160, 90), Image.Resampling.BICUBIC), float)


def change_to(now: "np.typing.NDArray[np.float64]", seed: int = 0) -> Motion:
    """Return what changes from a dark scene to another picture, with a sensor's noise in both."""
    random = np.random.default_rng(seed)
    gate = MotionGate()
    for picture in (_DARK, now):
        noisy = picture + random.normal(0, 1, picture.shape)
        motion = gate.look(np.clip(noisy, 0, 255).round().astype(np.uint8))
    return motion


_DARK = rough(1, 10, 70)


def test_a_cut_between_two_dark_scenes_is_another_scene_though_much_stays_as_dark() -> None:
    motion = change_to(rough(2, 10, 70))

    assert 0.4 < motion.share < 0.6
    assert motion.is_another_scene


def test_a_cut_to_black_is_another_scene() -> None:
    assert change_to(np.full(_DARK.shape, 4.0)).is_another_scene


def test_lights_that_go_on_change_everything_and_are_the_same_scene() -> None:
    lamp = np.linspace(1.5, 4.0, 160)

    motion = change_to(_DARK * lamp)

    assert motion.share > 0.6
    assert not motion.is_another_scene


def test_a_door_that_opens_is_the_same_scene() -> None:
    opened = _DARK.copy()
    opened[:, 40:136] = rough(3, 60, 250)[:, 40:136]

    motion = change_to(opened)

    assert motion.share > 0.5
    assert not motion.is_another_scene


def test_a_camera_that_shakes_shows_the_same_scene() -> None:
    assert not change_to(np.roll(_DARK * 3, 2, axis=(0, 1))).is_another_scene


def test_a_first_picture_is_another_scene_and_a_second_one_of_the_same_is_not() -> None:
    gate = MotionGate()

    assert [gate.look(_SCENE).is_another_scene for _ in range(2)] == [True, False]


def test_a_picture_of_another_size_is_looked_at() -> None:
    gate = MotionGate()
    gate.look(_SCENE)

    assert gate.look(_SCENE[:80]).is_somebody
