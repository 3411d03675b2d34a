"""`facegate up` with shards of several stores: real processes, edits while they run."""

import os
import signal
from collections.abc import Iterator

import pytest

from facegate import Client
from tests.cluster.processes import below, wait_until
from tests.facegate.cluster.up_process import Up
from tests.pictures import sample
from tests.ports import free_port

pytestmark = pytest.mark.processes

STORES = ["a", "b", "c"]


def map_of(stores: list[str], ports: dict[str, int]) -> str:
    lines = (f"{store}: 127.0.0.1:{ports[store]}  # {store}'s own line" for store in stores)
    return "\n".join(["# the chain", *lines, ""])


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    return {store: free_port() for store in [*STORES, "d"]}


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, ports: dict[str, int]) -> Iterator[Up]:
    """A cluster of three stores, two of which share a shard."""
    up = Up(tmp_path_factory.mktemp("together"), "--stores-per-shard", "2")
    up.write_map(map_of(STORES, ports))
    with up.running():
        assert up.first_line() == f"facegate ready http://127.0.0.1:{up.port}\n"
        with up.client() as client:
            client.enroll("b", "obama", sample("obama.jpg"))
        yield up


def shards(up: Up) -> list[int]:
    return sorted(pid for pid, words in below(up.process.pid).items() if "-m shard" in words)


def who(client: Client, store: str) -> tuple[str, str | None, str | None]:
    face = client.recognize(store, sample("obama2.jpg"), mint=False).faces[0]
    return face.match, face.store, face.face_id


def test_the_map_says_who_is_served_together_and_keeps_its_comments(
    up: Up, ports: dict[str, int]
) -> None:
    text = up.map.read_text(encoding="utf-8")

    assert text.count(f":{ports['a']}") == 2
    assert text.count(f":{ports['c']}") == 1
    assert "# the chain" in text
    assert "# b's own line" in text
    assert len(shards(up)) == 2


def test_a_member_is_found_at_home_in_the_same_shard_and_in_another(up: Up) -> None:
    with up.client() as client:
        found = {store: who(client, store) for store in STORES}

    assert found["b"] == ("home", "b", "obama")
    assert found["a"] == found["c"] == ("roaming", "b", "obama")


def test_a_killed_shard_comes_back_with_all_its_stores(up: Up) -> None:
    with up.client() as client:
        before = shards(up)
        together = next(pid for pid in before if "a" in stores_of(up, pid))

        os.kill(together, signal.SIGKILL)

        wait_until(lambda: together not in below(up.process.pid), "it is gone")
        wait_until(lambda: who(client, "c") == ("roaming", "b", "obama"), "b is searched again")
    assert up.healthy() == STORES
    assert set(before) - {together} < set(shards(up))


def test_a_store_that_joins_a_shard_is_served_and_the_other_shard_does_not_notice(
    up: Up, ports: dict[str, int]
) -> None:
    alone = next(pid for pid in shards(up) if "c" in stores_of(up, pid))
    text = up.map.read_text(encoding="utf-8")

    up.write_map(f"{text}  d: 127.0.0.1:{ports['a']}\n")

    wait_until(lambda: up.healthy() == [*STORES, "d"], "the new store is served")
    with up.client() as client:
        assert who(client, "d") == ("roaming", "b", "obama")
        assert who(client, "b") == ("home", "b", "obama")
    assert alone in shards(up)
    assert len(shards(up)) == 2


def stores_of(up: Up, pid: int) -> list[str]:
    """Return which stores a shard serves, by its command line."""
    words = below(up.process.pid)[pid].split()
    return [word.removeprefix("--store=") for word in words if word.startswith("--store=")]
