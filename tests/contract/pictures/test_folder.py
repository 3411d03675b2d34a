"""Every file of a folder is a picture to import, or is named with the reason."""

import os
from pathlib import Path

import pytest

from contract.pictures.folder import FoundPicture, SkippedFile, pictures_in, walk_folder

JPEG = b"\xff\xd8\xff\xe0 and so on"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


def fill(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def found(folder: Path) -> list[str]:
    return [str(each.name) for each in walk_folder(folder) if isinstance(each, FoundPicture)]


def passed(folder: Path) -> dict[str, tuple[str, bool]]:
    return {
        each.name: (each.reason, each.wanted)
        for each in walk_folder(folder)
        if isinstance(each, SkippedFile)
    }


@pytest.mark.parametrize(
    "ending",
    [
        *("jpg", "JPG", "jpeg", "jpe", "JFIF", "pjpeg", "mpo", "png", "webp", "bmp", "dib", "gif"),
        *("tif", "tiff", "heic", "HEIC", "heif", "hif", "avif"),
    ],
)
def test_a_picture_is_known_by_its_ending(tmp_path: Path, ending: str) -> None:
    fill(tmp_path, {f"095_0.{ending}": b"whatever is in it, its shard says"})

    assert found(tmp_path) == [f"095_0.{ending}"]


@pytest.mark.parametrize("name", ["095_0.jpg_", "095_0", "095_0.jpg.download", "095_0.tmp"])
@pytest.mark.parametrize("content", [JPEG, HEIC])
def test_a_picture_is_known_by_how_it_begins(tmp_path: Path, name: str, content: bytes) -> None:
    fill(tmp_path, {name: content})

    assert found(tmp_path) == [name]


def test_what_systems_keep_is_nobody_and_is_named(tmp_path: Path) -> None:
    folders = ["@eaDir", "@EADIR", ".thumbnails", "#recycle", "__MACOSX", "lost+found", ".git"]
    files = [".DS_Store", "._095_0.jpg", "Thumbs.db", "desktop.ini", "SYNOPHOTO_THUMB_XL.jpg"]
    fill(tmp_path, {f"{folder}/x/095_0.jpg": JPEG for folder in folders})
    fill(tmp_path, dict.fromkeys(files, JPEG))
    fill(tmp_path, {"095/@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg": JPEG, "095/1.jpg": JPEG})

    assert found(tmp_path) == ["095/1.jpg"]
    assert passed(tmp_path).keys() == {*folders, *files, "095/@eaDir"}
    assert not any(wanted for _, wanted in passed(tmp_path).values())


def test_other_files_are_named_with_the_reason(tmp_path: Path) -> None:
    fill(tmp_path, {"notes.txt": b"hello", "095.xmp": b"<x>", "095_0.CR2": b"II*\0", "empty": b""})
    os.mkfifo(tmp_path / "095_1.jpg")

    assert found(tmp_path) == []
    assert passed(tmp_path) == {
        "notes.txt": ("not a picture", False),
        "095.xmp": ("not a picture", False),
        "empty": ("not a picture", False),
        "095_0.CR2": ("a camera's raw file; export it as JPEG", True),
        "095_1.jpg": ("neither a file nor a folder", False),
    }


def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "folder", tmp_path / "elsewhere"
    fill(folder, {"Zoe/1.jpg": JPEG})
    fill(elsewhere, {"1.jpg": JPEG, "deep/2.jpg": JPEG})
    (folder / "Linked").symlink_to(elsewhere)
    (folder / "Ann_1.jpg").symlink_to(elsewhere / "1.jpg")
    (folder / "Again").symlink_to(folder / "Zoe")
    (elsewhere / "round").symlink_to(folder)
    (folder / "Gone_1.jpg").symlink_to(tmp_path / "nowhere")
    (folder / "Round_1.jpg").symlink_to(folder / "Round_1.jpg")

    assert found(folder) == ["Zoe/1.jpg", "Ann_1.jpg", "Linked/1.jpg", "Linked/deep/2.jpg"]
    assert passed(folder) == {
        "Again": ("a link to a folder that is imported already", False),
        "Linked/round": ("a link to a folder that is imported already", False),
        "Gone_1.jpg": ("a link that leads nowhere", True),
        "Round_1.jpg": ("a link that leads in a circle", True),
    }


def test_names_that_look_the_same_are_not_one_picture(tmp_path: Path) -> None:
    fill(tmp_path, {"Zoe\u0301/1.jpg": JPEG, "Zo\u00e9/1.jpg": JPEG})

    assert found(tmp_path) == ["Zo\u00e9/1.jpg"]
    assert passed(tmp_path) == {"Zo\u00e9/1.jpg": ("another picture's name looks the same", True)}


def test_a_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"Zo\xe9_1.jpg")).write_bytes(JPEG)

    assert found(tmp_path) == []
    assert passed(tmp_path) == {"Zo?_1.jpg": ("its name is not in UTF-8", True)}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    fill(tmp_path, {"closed/1.jpg": JPEG})
    (tmp_path / "closed").chmod(0)

    assert passed(tmp_path) == {"closed": ("Permission denied", True)}
    (tmp_path / "closed").chmod(0o700)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        walk_folder(tmp_path / "nowhere")


def test_pictures_are_listed_by_name(tmp_path: Path) -> None:
    fill(tmp_path, {"b_1.JPG": JPEG, "a/x.png": JPEG, "notes.txt": b""})

    assert [str(relative) for relative, _ in pictures_in(tmp_path)] == ["a/x.png", "b_1.JPG"]
