"""Frames in which nobody moves are not searched."""

import numpy as np
import pytest

from facegate.camera.seeing.motion import MotionGate

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


@pytest.mark.parametrize(("picture", "is_another"), [(255 - _SCENE, True), (_SCENE, False)])
def test_another_scene_is_told(picture: "np.typing.NDArray[np.uint8]", is_another: bool) -> None:
    gate = MotionGate()
    gate.look(_SCENE)

    assert gate.look(picture).is_another_scene == is_another


def test_a_picture_of_another_size_is_looked_at() -> None:
    gate = MotionGate()
    gate.look(_SCENE)

    assert gate.look(_SCENE[:80]).is_somebody
