"""A service that starts while the store map is wrong goes on with the last good one."""

from pathlib import Path

import pytest

from contract.errors import StoreMapError
from contract.stores.last_good_map import LastGoodMap, read_map_or_last_good
from contract.stores.map_file import MapFile
from contract.stores.map_follower import MapFollower

GOOD = b"a: 127.0.0.1:5001\n"
BETTER = GOOD + b"b: 127.0.0.1:5002\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "stores.yaml"
    path.write_bytes(GOOD)
    return path


def started(path: Path) -> list[str]:
    """Return the stores that a service knows that starts now."""
    _, stores = read_map_or_last_good(MapFile(path), LastGoodMap(path, path.parent / "data"))
    return list(stores.stores)


def spoil(path: Path) -> None:
    path.write_bytes(b"a: [\n")


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("harm", [spoil, remove])
def test_a_service_starts_with_the_last_good_map(path: Path, harm: object) -> None:
    assert started(path) == ["a"]

    assert callable(harm)
    harm(path)
    assert started(path) == ["a"]

    path.write_bytes(BETTER)
    assert started(path) == ["a", "b"]


def test_an_edit_that_was_in_force_is_kept(path: Path) -> None:
    kept = LastGoodMap(path, path.parent / "data")
    follower = MapFollower(MapFile(path), kept)

    path.write_bytes(BETTER)
    follower.look()
    assert follower.look() is not None
    spoil(path)

    assert started(path) == ["a", "b"]


def test_who_starts_with_the_last_good_map_says_what_is_wrong_and_follows(path: Path) -> None:
    started(path)
    spoil(path)
    follower = MapFollower(MapFile(path), LastGoodMap(path, path.parent / "data"))

    assert list(follower.first.stores) == ["a"]
    follower.look()
    with pytest.raises(StoreMapError, match="line 2"):
        follower.look()
    path.write_bytes(BETTER)
    follower.look()
    news = follower.look()
    assert news is not None
    assert list(news.stores) == ["a", "b"]


def test_without_one_or_of_another_file_the_problem_is_told(path: Path, tmp_path: Path) -> None:
    started(path)
    other = tmp_path / "other.yaml"
    spoil(other)
    with pytest.raises(StoreMapError, match=r"other\.yaml: line 2"):
        started(other)

    spoil(path)
    LastGoodMap(path, tmp_path / "data").path.write_bytes(b"{}")
    with pytest.raises(StoreMapError, match=r"stores\.yaml: line 2"):
        started(path)


def test_a_map_that_cannot_be_kept_is_in_force(path: Path) -> None:
    (path.parent / "data").write_bytes(b"no folder")

    assert started(path) == ["a"]
