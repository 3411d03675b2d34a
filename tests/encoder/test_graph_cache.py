"""Graphs are built once and kept; nothing that happens to what is kept stops an encoder."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from encoder.graph_cache import GraphCache
from encoder.model_files import CNN_DETECTOR, NetworkFile, model_file


@pytest.fixture(scope="module")
def network() -> NetworkFile:
    """The smallest network that there is."""
    return NetworkFile.at(model_file(CNN_DETECTOR))


@pytest.fixture(scope="module")
def graph(network: NetworkFile, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return GraphCache([tmp_path_factory.mktemp("graphs")]).graph_of(network)


def _kept(folder: Path) -> Path:
    (path,) = folder.glob("*.graph")
    return path


def _age(path: Path) -> int:
    return path.stat().st_mtime_ns


def test_is_built_once(network: NetworkFile, graph: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there" / "yet"
    assert GraphCache([folder]).graph_of(network) == graph
    built = _age(_kept(folder))
    assert GraphCache([folder]).graph_of(network) == graph
    assert _age(_kept(folder)) == built
    assert _kept(folder).read_bytes() == hashlib.sha256(graph).digest() + graph


@pytest.mark.parametrize("damage", ["cut short", "empty", "one bit", "another file"])
def test_a_damaged_one_is_built_again(
    network: NetworkFile, graph: bytes, tmp_path: Path, damage: str
) -> None:
    cache = GraphCache([tmp_path])
    cache.graph_of(network)
    whole = bytearray(_kept(tmp_path).read_bytes())
    whole[1000] ^= 1
    damaged = {
        "cut short": bytes(whole[:5000]),
        "empty": b"",
        "one bit": bytes(whole),
        "another file": b"x" * 100_000,
    }
    _kept(tmp_path).write_bytes(damaged[damage])

    assert cache.graph_of(network) == graph
    assert _kept(tmp_path).read_bytes()[32:] == graph


def test_what_another_folder_has_is_used(
    network: NetworkFile, graph: bytes, tmp_path: Path
) -> None:
    """An image has its graphs where nobody may write; the user's own folder stays empty."""
    image, home = tmp_path / "image", tmp_path / "home"
    GraphCache([image]).graph_of(network)
    assert GraphCache([home, image]).graph_of(network) == graph
    assert not home.exists()


def test_without_a_folder_to_write_to_it_is_built_every_time(
    network: NetworkFile, graph: bytes, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder can be made below a file")
    assert GraphCache([blocked / "folder"]).graph_of(network) == graph


def test_several_processes_at_once_build_one(
    network: NetworkFile, graph: bytes, tmp_path: Path
) -> None:
    code = f"""
from pathlib import Path
from encoder.graph_cache import GraphCache
from encoder.model_files import NetworkFile
print(len(GraphCache([Path({str(tmp_path)!r})]).graph_of(NetworkFile.at(Path({str(network.path)!r})))))
"""
    starts = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(3)
    ]
    sizes = [int(start.communicate(timeout=60)[0]) for start in starts]
    assert sizes == [len(graph)] * 3
    assert _kept(tmp_path).read_bytes()[32:] == graph
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", _kept(tmp_path).name]
