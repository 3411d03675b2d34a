"""A folder of pictures says whose face each one shows."""

from pathlib import Path, PurePosixPath

import pytest

from contract.errors import BadRequest
from contract.identifiers import FACE_ID
from contract.picture_naming import face_id_of, pictures_in


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


def test_pictures_are_listed_by_name_and_other_files_left_out(tmp_path: Path) -> None:
    for name in ("b_1.JPG", "a/x.png", "notes.txt", ".hidden.jpg", "a/.DS_Store"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert [str(relative) for relative, _ in pictures_in(tmp_path)] == ["a/x.png", "b_1.JPG"]
