"""What takes long to make is made once; nothing that happens to what is kept stops an encoder."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from encoder.files.file_cache import FileCache
from encoder.files.model_files import CNN_DETECTOR, NetworkFile, model_file
from encoder.onnx.cached_graph import cached_graph

CONTENTS = b"made at some cost " * 1000


class Maker:
    """Makes the same every time, and counts how often."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> bytes:
        self.made += 1
        return CONTENTS


def _contents(cache: Path | bytes) -> bytes:
    return cache.read_bytes() if isinstance(cache, Path) else cache


def _one(folder: Path) -> Path:
    (path,) = folder.glob("thing-1-*.bin")
    return path


def test_is_made_once(tmp_path: Path) -> None:
    folder, make = tmp_path / "not" / "there" / "yet", Maker()
    for _ in range(3):
        assert _contents(FileCache([folder]).get("thing-1.bin", make)) == CONTENTS
    assert make.made == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda contents: contents[:5000],
        lambda contents: b"",
        lambda contents: contents[:1000] + b"?" + contents[1001:],
        lambda contents: b"another file",
    ],
)
def test_a_damaged_one_is_made_again(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    cache, make = FileCache([tmp_path]), Maker()
    cache.get("thing-1.bin", make)
    _one(tmp_path).write_bytes(damage(CONTENTS))

    assert _contents(cache.get("thing-1.bin", make)) == CONTENTS
    assert _one(tmp_path).read_bytes() == CONTENTS
    assert make.made == 2


def test_another_name_is_another_file(tmp_path: Path) -> None:
    cache, make = FileCache([tmp_path]), Maker()
    for name in ("thing-1.bin", "thing-2.bin", "thing.bin", "thing-1.txt"):
        cache.get(name, make)
    assert make.made == 4


def test_what_another_folder_has_is_used(tmp_path: Path) -> None:
    """An image has its files where nobody may write; the user's own folder stays empty."""
    image, home, make = tmp_path / "image", tmp_path / "home", Maker()
    FileCache([image]).get("thing-1.bin", make)

    assert FileCache([home, image]).get("thing-1.bin", make) == _one(image)
    assert make.made == 1
    assert not home.exists()


def test_without_a_folder_to_write_to_it_is_made_every_time(tmp_path: Path) -> None:
    blocked, make = tmp_path / "file", Maker()
    blocked.write_text("no folder can be made below a file")
    for _ in range(2):
        assert FileCache([blocked / "folder"]).get("thing-1.bin", make) == CONTENTS
    assert make.made == 2


_SLOW = """
import sys, time
from pathlib import Path
from encoder.files.file_cache import FileCache

def make():
    with open(sys.argv[2], "a") as log:
        log.write("made\\n")
    time.sleep(0.3)
    return b"x" * 1000

print(FileCache([Path(sys.argv[1])]).get("thing-1.bin", make).name)
"""


@pytest.mark.processes
def test_several_processes_at_once_make_one(tmp_path: Path) -> None:
    log = tmp_path / "log"
    folder = tmp_path / "kept"
    command = [sys.executable, "-c", _SLOW, str(folder), str(log)]
    starts = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    names = [start.communicate(timeout=60)[0].strip() for start in starts]

    assert names == [_one(folder).name] * 3
    assert log.read_text() == "made\n"
    assert {path.name for path in folder.iterdir()} == {".lock", names[0]}


@pytest.mark.processes
def test_the_graph_of_a_network_is_kept(tmp_path: Path) -> None:
    network = NetworkFile.at(model_file(CNN_DETECTOR))
    first = cached_graph(network, FileCache([tmp_path]))
    assert isinstance(first, Path)
    made = first.stat().st_mtime_ns

    assert cached_graph(network, FileCache([tmp_path])) == first
    assert first.stat().st_mtime_ns == made
    assert network.digest[:16] in first.name
