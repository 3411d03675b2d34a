"""Whatever stands in the place of the store map, reading it ends, and names the file."""

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from contract.errors import StoreMapError
from contract.stores.last_good_map import LastGoodMap
from contract.stores.map_file import MapFile, content_of
from contract.stores.map_follower import MapFollower
from contract.text.strict_yaml import MAX_BYTES

GOOD = b"a: 127.0.0.1:5001\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stores.yaml"


def refusal(file: MapFile) -> str:
    with pytest.raises(StoreMapError) as caught:
        file.read()
    return caught.value.detail


def fifo(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def bound_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def endless_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def itself(path: Path) -> None:
    path.symlink_to(path)


def nothing_to_read_yet(path: Path) -> bytes:
    """Read a pipe that is open for writing: as the kernel's log in /proc, which is a file."""
    os.mkfifo(path)
    opened = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        return content_of(opened)
    finally:
        os.close(opened)


@pytest.mark.parametrize(
    ("put", "problem"),
    [
        (fifo, "is a FIFO, not a file"),
        (folder, "is a folder, not a file"),
        (bound_socket, "is a socket, not a file"),
        (endless_device, "is a device, not a file"),
        (itself, "Too many levels of symbolic links"),
    ],
)
def test_what_is_no_file_is_refused_without_waiting(path: Path, put: object, problem: str) -> None:
    assert callable(put)
    put(path)

    assert refusal(MapFile(path)) == f"{path}: {problem}"


def test_of_a_huge_file_no_more_is_read_than_shows_that_it_is_too_long(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 << 30)  # sparse: it takes no room

    assert len(MapFile(path).read()) == MAX_BYTES + 1
    with pytest.raises(StoreMapError, match=rf"{path}: too long; at most {MAX_BYTES} bytes"):
        MapFollower(MapFile(path), LastGoodMap(path, path.parent))


class HangingMount:
    """Reads a file as a mount does whose server is away until `back` is set."""

    def __init__(self) -> None:
        self.back = threading.Event()
        self.asked = 0

    def read(self, path: Path) -> bytes:
        self.asked += 1
        self.back.wait(60)
        return GOOD


def test_a_mount_that_hangs_costs_one_thread_and_a_bounded_wait(path: Path) -> None:
    mount = HangingMount()
    file = MapFile(path, seconds=0.01, read=mount.read)

    assert refusal(file) == refusal(file) == f"{path}: cannot be read within 0.01 s"
    assert mount.asked == 1

    mount.back.set()
    patient = MapFile(path, seconds=60, read=mount.read)
    assert patient.read() == GOOD


def test_a_file_is_read_anew_when_its_mount_is_back(path: Path) -> None:
    mount = HangingMount()
    file = MapFile(path, seconds=0.01, read=mount.read)
    refusal(file)

    mount.back.set()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            content = file.read()
        except StoreMapError:
            continue
        break

    assert content == GOOD
    assert file.read() == GOOD
    assert mount.asked == 2


def test_a_file_that_would_have_to_be_waited_for_is_refused(path: Path) -> None:
    problem = "cannot be read now: it would have to be waited for"

    assert refusal(MapFile(path, read=nothing_to_read_yet)) == f"{path}: {problem}"


def test_whatever_reading_meets_is_a_problem_of_the_file(path: Path) -> None:
    def read(path: Path) -> bytes:
        raise MemoryError

    assert refusal(MapFile(path, read=read)) == f"{path}: MemoryError"


def test_a_path_that_no_file_can_have_is_refused() -> None:
    assert "null" in refusal(MapFile(Path("a\0b")))


def test_an_edit_counts_when_two_looks_read_the_same_and_is_told_once(path: Path) -> None:
    path.write_bytes(GOOD)
    follower = MapFollower(MapFile(path), LastGoodMap(path, path.parent))
    assert list(follower.first.stores) == ["a"]

    path.write_bytes(b"b: 127.0.0.1:5002\n")
    first, second, third = follower.look(), follower.look(), follower.look()

    assert (first, third) == (None, None)
    assert second is not None
    assert list(second.stores) == ["b"]


def test_a_bad_edit_is_told_once_and_then_the_next_good_one(path: Path) -> None:
    path.write_bytes(GOOD)
    follower = MapFollower(MapFile(path), LastGoodMap(path, path.parent))

    path.unlink()
    fifo(path)
    assert follower.look() is None
    with pytest.raises(StoreMapError, match="is a FIFO"):
        follower.look()
    assert follower.look() is None

    path.unlink()
    path.write_bytes(GOOD)
    assert follower.look() is None
    assert follower.look() is not None
