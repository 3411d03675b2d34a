"""Folders that were open to others are closed; who is not to change them says so."""

import logging
import os
from pathlib import Path

import pytest

from service.files.private_files import close_to_others, keep_files_private, write_private


def test_what_is_made_afterwards_is_private(tmp_path: Path) -> None:
    usual = os.umask(0o022)
    try:
        keep_files_private()
        (tmp_path / "faces").mkdir()
        (tmp_path / "faces" / "gallery").write_bytes(b"")
    finally:
        os.umask(usual)

    assert (tmp_path / "faces").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "faces" / "gallery").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_open_is_closed_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tmp_path.chmod(0o755)

    close_to_others(tmp_path)
    close_to_others(tmp_path)

    assert tmp_path.stat().st_mode & 0o777 == 0o700
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert f"{tmp_path} was open to others (mode 755)" in caplog.text


def test_a_folder_that_is_yet_to_come_is_left_to_come(tmp_path: Path) -> None:
    close_to_others(tmp_path / "data")

    assert not (tmp_path / "data").exists()


@pytest.mark.skipif(not Path("/proc/1").exists(), reason="needs a folder that nobody may change")
def test_a_folder_that_cannot_be_closed_is_named(caplog: pytest.LogCaptureFixture) -> None:
    close_to_others(Path("/proc/1"))

    assert "/proc/1 is open to others (mode 555), and stays so" in caplog.text


def test_what_is_everybodys_or_no_folder_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shared, file, pipe = tmp_path / "shared", tmp_path / "file", tmp_path / "pipe"
    shared.mkdir()
    shared.chmod(0o1777)
    file.write_bytes(b"")
    os.mkfifo(pipe)
    for each in (file, pipe):
        each.chmod(0o666)

    for each in (shared, file, pipe):
        close_to_others(each)

    modes = [each.stat().st_mode & 0o7777 for each in (shared, file, pipe)]
    assert modes == [0o1777, 0o666, 0o666]
    assert f"{shared} is everybody's" in caplog.text


def test_a_file_is_written_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "key"
    write_private(file, "one")
    file.with_name(".key.new").write_text("tw")  # somebody was killed here

    write_private(file, "three")

    assert file.read_text() == "three"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["key"]
