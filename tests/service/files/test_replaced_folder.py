"""A folder that is replaced is found whole at every instant, whoever is killed when."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from service.files.replaced_folder import (
    names_in,
    place_of,
    read_whole,
    remove_folder,
    replacing,
)
from tests.project import ROOT


def put(folder: Path, text: str) -> None:
    with replacing(folder) as draft:
        for name in ("first", "second"):
            (draft / name).write_text(text)


def contents(place: Path) -> list[str]:
    return [path.read_text() for path in sorted(place.iterdir())]


@pytest.mark.processes
def test_whoever_is_killed_at_any_step_leaves_the_old_folder_or_the_new_one(tmp_path: Path) -> None:
    script = [sys.executable, "-m", "tests.service.files.kill_at_each_step"]
    folder = tmp_path / "parent" / "folder"

    ended = subprocess.run([*script, folder], cwd=ROOT, capture_output=True, text=True, check=True)

    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    texts = [int(texts[0]) for texts, _ in lines]
    assert len(lines) > 15
    assert all(len(texts) == 2 and len(set(texts)) == 1 for texts, _ in lines)
    assert all(names == ["folder"] for _, names in lines)  # readers see no other one
    assert texts == sorted(texts)
    assert texts[-1] == max(texts)


def test_readers_never_find_parts_of_two(tmp_path: Path) -> None:
    folder, stop = tmp_path / "folder", threading.Event()
    put(folder, "0")

    def replace_again_and_again() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            put(folder, str(number))

    writer = threading.Thread(target=replace_again_and_again)
    writer.start()
    seen = [read_whole(folder, contents)]
    try:
        while len(seen) < 300 or seen[-1] == seen[0]:  # a thread may be let write late
            seen.append(read_whole(folder, contents))
    finally:
        stop.set()
        writer.join()

    assert all(len(texts) == 2 and len(set(texts)) == 1 for texts in seen)


def test_a_folder_that_is_moved_aside_while_it_is_read_is_read_there(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    put(folder, "old")

    def move_it_aside_then_read(place: Path) -> list[str]:
        if place == folder:
            folder.rename(tmp_path / ".old-folder")
        return contents(place)

    assert read_whole(folder, move_it_aside_then_read) == ["old", "old"]


def test_two_who_replace_a_folder_wait_for_each_other(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    writers = [threading.Thread(target=put, args=(folder, str(n))) for n in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert len(set(contents(folder))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_what_fails_half_way_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    put(folder, "old")

    def fail_half_way() -> None:
        with replacing(folder) as draft:
            (draft / "first").write_text("new")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail_half_way()

    assert contents(folder) == ["old", "old"]
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_one_that_was_moved_aside_is_read_there_and_removed_for_good(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    put(folder, "old")
    folder.rename(tmp_path / ".old-folder")

    assert names_in(tmp_path) == ["folder"]
    assert read_whole(folder, contents) == ["old", "old"]
    assert place_of(folder).name == ".old-folder"

    remove_folder(folder)
    assert list(tmp_path.iterdir()) == []


def test_the_fault_of_a_folder_that_nobody_replaces_is_raised(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_whole(tmp_path / "absent", contents)
    with pytest.raises(FileNotFoundError):
        remove_folder(tmp_path / "absent")
    assert names_in(tmp_path / "absent") == []
