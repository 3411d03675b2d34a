"""Which pictures may be enrolled: one face, large, bright, sharp and frontal enough."""

from typing import Any

import pytest

from contract.errors import (
    Blurred,
    EnrollmentRefused,
    NoFace,
    Pose,
    SeveralFaces,
    TooDark,
    TooSmall,
)
from encoder import Face, FaceBox
from shard.enrollment.picture_quality import face_to_enroll, refusal_of
from tests.shard.fakes import CLEAR, vector_of


def face(width: int = 120, confidence: float = 1.5, **quality: Any) -> Face:
    seen = CLEAR._replace(width=width, **quality)
    return Face(FaceBox(0, width, width, 0), vector_of(1), confidence, seen)


@pytest.mark.parametrize(
    ("quality", "refusal"),
    [
        ({}, None),
        ({"width": 60, "light": 58.0, "sharpness": 1.5, "yaw": 0.45, "roll": -30}, None),
        ({"width": 59}, TooSmall),
        ({"light": 57.9}, TooDark),
        ({"sharpness": 1.4}, Blurred),
        ({"yaw": -0.46}, Pose),
        ({"pitch": 0.41}, Pose),
        ({"pitch": 1.21}, Pose),
        ({"roll": 31}, Pose),
        ({"light": 20, "sharpness": 0.1}, TooDark),
    ],
)
def test_a_face_is_refused_for_how_it_looks(
    quality: dict[str, Any], refusal: type[EnrollmentRefused] | None
) -> None:
    found = refusal_of(CLEAR._replace(**quality))

    assert found is None if refusal is None else type(found) is refusal


def test_a_picture_without_a_face_is_refused() -> None:
    with pytest.raises(NoFace):
        face_to_enroll([])


def test_two_faces_of_about_one_size_are_refused() -> None:
    with pytest.raises(SeveralFaces, match="2 faces"):
        face_to_enroll([face(100), face(80)])


@pytest.mark.parametrize("other", [face(79), face(90, confidence=0.9)])
def test_a_small_or_doubtful_second_face_does_not_matter(other: Face) -> None:
    largest = face(100)

    assert face_to_enroll([largest, other]) is largest


def test_what_is_wrong_with_the_largest_face_is_said() -> None:
    with pytest.raises(TooSmall, match="40 pixels wide; 60 are needed"):
        face_to_enroll([face(40), face(20)])
