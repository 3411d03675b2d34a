"""The part of a picture that is sent: one face, with room around it, and nobody else's."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from facegate.camera.seeing.shot import LARGEST_FACE, MARGIN, shot_of, worth_of
from facegate.camera.seeing.track_shots import GOOD
from tests.facegate.camera.fakes import face_at, frame_of, noise

_PICTURE = noise(1)
_FRAME = frame_of(_PICTURE, 7, 0)


def test_a_face_is_cut_out_with_room_to_align_it() -> None:
    shot = shot_of(face_at(200, top=150), [], _FRAME, _PICTURE)
    margin = round(100 * MARGIN)

    assert shot.cut.size == (100 + 2 * margin, 100 + 2 * margin)
    assert shot.cut.tobytes() == _PICTURE.crop((120, 70, 380, 330)).tobytes()
    assert (shot.frame, shot.at, shot.fit) == (7, _FRAME.at, True)


def test_at_the_edge_there_is_as_much_room_as_the_picture_has() -> None:
    assert shot_of(face_at(0, top=0), [], _FRAME, _PICTURE).cut.size == (180, 180)


def test_a_neighbour_is_hidden_and_hides_nothing_of_the_face() -> None:
    face, neighbour = face_at(200, top=150), face_at(270, top=150)

    cut = np.asarray(shot_of(face, [neighbour], _FRAME, _PICTURE).cut)

    assert (cut[80:180, 80:180] == np.asarray(_PICTURE)[150:250, 200:300]).all()
    assert (cut[80:180, 180:250] == 127).all()
    assert (cut[:, 250:] == np.asarray(_PICTURE)[70:330, 370:380]).all()


def test_a_huge_face_is_sent_no_larger_than_is_of_use() -> None:
    picture = noise(2, (2200, 2200))
    shot = shot_of(face_at(700, top=700, width=800), [], frame_of(picture, 0, 0), picture)

    assert shot.cut.width == pytest.approx(LARGEST_FACE * (1 + 2 * MARGIN), abs=2)


def test_what_is_sent_is_a_jpeg() -> None:
    jpeg = shot_of(face_at(200), [], _FRAME, _PICTURE).jpeg()

    assert Image.open(io.BytesIO(jpeg)).format == "JPEG"


@pytest.mark.parametrize(
    ("worse", "than"),
    [
        ({"width": 40}, {}),
        ({"sharpness": 1.0}, {}),
        ({"yaw": 0.4}, {"yaw": -0.2}),
    ],
)
def test_large_sharp_and_frontal_faces_are_worth_more(
    worse: dict[str, Any], than: dict[str, Any]
) -> None:
    assert worth_of(face_at(0, **worse)) < worth_of(face_at(0, **than))


def test_a_clear_face_is_good_and_a_profile_is_not() -> None:
    assert worth_of(face_at(0)) == 1.0
    assert worth_of(face_at(0, yaw=0.6, sharpness=2.0)) < GOOD
