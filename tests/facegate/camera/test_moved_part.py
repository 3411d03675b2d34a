"""Where something moves that no face explains."""

import numpy as np
import pytest
from numpy.typing import NDArray

from contract.stores.region import Region
from encoder.face import FaceBox
from facegate.camera.seeing.moved_part import moved_part, within

SIZE = (1920, 1080)
"""A pixel of the thumbnail is 12 × 12 of the picture's."""


def changed(*places: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    """Return a thumbnail in which boxes have changed: left, top, right, bottom."""
    pixels = np.zeros((90, 160), bool)
    for left, top, right, bottom in places:
        pixels[top:bottom, left:right] = True
    return pixels


def test_the_box_is_around_what_has_moved_and_a_cell_wider() -> None:
    assert moved_part(changed((40, 30, 50, 60)), SIZE, []) == FaceBox(240, 720, 840, 360)


def test_where_nothing_has_moved_there_is_no_part() -> None:
    assert moved_part(changed(), SIZE, []) is None


def test_a_few_pixels_are_no_motion() -> None:
    assert moved_part(changed((40, 30, 42, 32), (90, 70, 92, 72)), SIZE, []) is None


def test_it_stays_in_the_picture() -> None:
    assert moved_part(changed((0, 0, 160, 90)), SIZE, []) == FaceBox(0, 1920, 1080, 0)


def test_a_face_explains_the_body_below_it() -> None:
    face = FaceBox(top=360, right=600, bottom=480, left=480)
    person = (32, 29, 60, 90)  # with the hair, and arms on both sides

    assert moved_part(changed(person), SIZE, [face]) is None


@pytest.mark.parametrize("side", [(10, 29, 22, 45), (70, 29, 82, 45)])
def test_somebody_beside_a_face_is_not_explained_by_it(side: tuple[int, int, int, int]) -> None:
    face = FaceBox(top=360, right=600, bottom=480, left=480)

    part = moved_part(changed((40, 29, 50, 90), side), SIZE, [face])

    assert part is not None
    assert part.left <= side[0] * 12
    assert part.right >= side[2] * 12
    assert not part.left < 540 < part.right  # and the one who is explained is not looked at


def test_a_face_that_reaches_over_the_edge_is_one_like_others() -> None:
    face = FaceBox(top=-20, right=90, bottom=100, left=-30)

    assert moved_part(changed((0, 0, 12, 90)), SIZE, [face]) is None


def test_what_moves_outside_the_region_is_nobody_who_counts() -> None:
    door = Region.parse([0.5, 0, 1, 1])

    kept = within(changed((10, 10, 30, 30), (100, 40, 110, 60)), door)

    assert not kept[:, :80].any()
    assert kept[40:60, 100:110].all()
