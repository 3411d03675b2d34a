"""A folder of pictures says whose face each one shows."""

from pathlib import PurePosixPath

import pytest

from contract.errors import BadRequest
from contract.pictures.naming import face_id_of, hint_about, is_of_cameras
from contract.text.identifiers import FACE_ID


@pytest.mark.parametrize(
    ("path", "face_id"),
    [
        ("095_0.bmp", "095"),
        ("095_0_left.bmp", "095"),
        ("maria.jpg", "maria"),
        ("Ada Lovelace/portrait_1.jpg", "Ada Lovelace"),
        ("张三/2024/a.png", "张三"),
    ],
)
def test_face_id_comes_from_the_name_or_the_folder(path: str, face_id: str) -> None:
    assert face_id_of(PurePosixPath(path)) == face_id


@pytest.mark.parametrize("path", ["_0.jpg", " /a.jpg"])
def test_a_name_without_a_face_id_is_refused(path: str) -> None:
    with pytest.raises(BadRequest, match="FaceId"):
        face_id_of(PurePosixPath(path))


@pytest.mark.parametrize("text", ["", " a", "a/b", "a\nb", "..", "x" * 101])
def test_a_face_id_that_no_url_could_hold_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        FACE_ID(text)


@pytest.mark.parametrize(
    "face_id",
    [
        *("IMG", "img", "DSC", "PXL", "Screenshot", "20260504", "照片", "DSC00012", "P1010001"),
        *("IMG-20240101-WA0001", "WhatsApp Image 2024-01-01 at 10.10.10", "2024-01-01 10.00.00"),
    ],
)
def test_what_cameras_call_pictures_is_known(face_id: str) -> None:
    assert is_of_cameras(face_id)
    assert "cameras" in hint_about(PurePosixPath(f"{face_id}_1.jpg"))


@pytest.mark.parametrize(
    "face_id",
    ["095", "Al", "Imogen", "2026", "张三", "P17", "m-1", "face 3", "20261399", "Dsca1234"],
)
def test_what_people_are_called_is_not_a_cameras(face_id: str) -> None:
    assert not is_of_cameras(face_id)
    assert "before the first _" in hint_about(PurePosixPath(f"{face_id}_1.jpg"))


def test_of_a_folder_with_pictures_of_others_the_folder_is_said() -> None:
    assert hint_about(PurePosixPath("IMG/1_2.jpg")).startswith("a folder's pictures")
