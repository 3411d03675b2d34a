"""stores.yaml is edited while cameras post: no request fails, the last good map stays."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contract.errors import StoreMapError
from contract.stores.last_good_map import LastGoodMap
from contract.stores.map_file import MapFile
from gateway.chain.map_watcher import MapWatcher
from tests.gateway.fake_chain import ANNA, BOB, STRANGER, Chain, until
from tests.gateway.fakes import FakeShard, Point, picture, waits_for


@asynccontextmanager
async def traffic(chain: Chain) -> AsyncIterator[list[int]]:
    """Post frames of all kinds to store-a without a pause; none may fail."""
    served: list[int] = []

    async def camera(face: Point) -> None:
        while True:
            answer = await chain.http.post(
                "/v1/stores/store-a/recognize",
                content=picture(face),
            )
            assert answer.status_code == 200, answer.text
            assert answer.json()["coverage"]["complete"], answer.text
            served.append(answer.status_code)

    async with asyncio.TaskGroup() as cameras:
        tasks = [cameras.create_task(camera(face)) for face in (ANNA, BOB, STRANGER)]
        yield served
        for task in tasks:
            task.cancel()
    assert served


async def in_force(chain: Chain, stores: set[str]) -> bool:
    return {store["store"] for store in (await chain.cluster())["stores"]} == stores


async def test_a_store_is_added_moved_and_removed_under_traffic(chain: Chain) -> None:
    async with traffic(chain):
        dora = FakeShard("store-d")
        dora.member("dora", STRANGER)
        await dora.start()
        chain.stores["store-d"] = [dora]
        chain.write_map()
        await until(lambda: in_force(chain, {"store-a", "store-b", "store-c", "store-d"}))
        await until(lambda: dora.asked("/search"))

        moved = FakeShard("store-a", chain.shard("store-a").faces)
        await moved.start()
        [old] = chain.stores["store-a"]
        chain.stores["store-a"] = [moved]
        chain.write_map()
        await until(lambda: moved.asked("/recognize"))
        last = len(old.asked("/recognize"))

        del chain.stores["store-d"]
        chain.write_map()
        await until(lambda: in_force(chain, {"store-a", "store-b", "store-c"}))
        await dora.stop()
        assert len(old.asked("/recognize")) <= last + 3

    await old.stop()
    gone = await chain.http.post("/v1/stores/store-d/recognize", content=picture(ANNA))
    assert (gone.status_code, gone.json()["code"]) == (404, "UNKNOWN_STORE")
    assert dora.address not in await chain.metrics()


@pytest.mark.parametrize(
    "bad",
    ["", "stores: {a: [", "a: 127.0.0.1:1\na: 127.0.0.1:2\n", "a: [h:1, h:1]", "a: nowhere"],
)
async def test_a_bad_edit_keeps_the_last_good_map_and_is_shown(chain: Chain, bad: str) -> None:
    good = await chain.cluster()
    async with traffic(chain) as served:
        chain.path.write_text(bad, encoding="utf-8")
        await until(lambda: error_of(chain))
        seen = len(served)
        await until(lambda: len(served) > seen + 3)
        now = await chain.cluster()
        assert now["map"]["version"] == good["map"]["version"]
        assert str(chain.path) in now["map"]["error"]
        assert "facegate_map_error 1.0" in await chain.metrics()

        chain.write_map()
        await until(lambda: no_error(chain))
    assert "facegate_map_error 0.0" in await chain.metrics()


async def error_of(chain: Chain) -> str | None:
    error: str | None = (await chain.cluster())["map"]["error"]
    return error


async def no_error(chain: Chain) -> bool:
    return await error_of(chain) is None


async def test_a_request_keeps_the_map_that_it_started_with(chain: Chain) -> None:
    held = asyncio.Event()
    shard = chain.shard("store-a")
    shard.faults["/recognize"] = waits_for(held, shard.recognize)
    answering = asyncio.create_task(chain.recognize("store-a", BOB))
    await until(lambda: shard.asked("/recognize"))
    chain.path.write_text(f"store-c: {chain.shard('store-c').address}\n", encoding="utf-8")
    await until(lambda: in_force(chain, {"store-c"}))
    held.set()

    answer = await answering
    assert (answer["faces"][0]["match"], answer["faces"][0]["store"]) == ("roaming", "store-b")
    assert answer["coverage"]["asked"] == 3


async def test_the_replicas_are_remembered_across_edits(chain: Chain) -> None:
    await chain.shard("store-b").stop()
    for _ in range(2):
        await chain.recognize("store-a", BOB, mint=False)
    assert not await chain.healthy("store-b")

    chain.options["store-a"] = {"name": "West Lake"}
    before = (await chain.cluster())["map"]["version"]
    chain.write_map()
    await until(lambda: _changed(chain, before))

    assert not await chain.healthy("store-b")


async def _changed(chain: Chain, version: str) -> bool:
    return bool((await chain.cluster())["map"]["version"] != version)


GOOD = "a: 127.0.0.1:5001\n"
BETTER = "a: 127.0.0.1:5001\nb: 127.0.0.1:5002\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "stores.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def swap(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    write(fresh, text)
    fresh.replace(path)


def remove(path: Path) -> None:
    path.unlink()


async def polled(watcher: MapWatcher, times: int = 2) -> list[str]:
    for _ in range(times):
        await watcher.poll()
    return list(watcher.current.stores)


async def test_a_file_swapped_by_rename_is_seen(path: Path) -> None:
    watcher = MapWatcher(MapFile(path), LastGoodMap(path, path.parent))

    swap(path, BETTER)
    assert await polled(watcher) == ["a", "b"]
    swap(path, GOOD)
    assert await polled(watcher) == ["a"]


async def test_a_half_written_file_is_never_used_even_if_it_is_valid(path: Path) -> None:
    write(path, BETTER)
    watcher = MapWatcher(MapFile(path), LastGoodMap(path, path.parent))

    write(path, BETTER[:18])
    assert await polled(watcher, 1) == ["a", "b"]
    write(path, BETTER[:21])
    assert await polled(watcher, 1) == ["a", "b"]
    assert watcher.error is None
    write(path, BETTER + "c: 127.0.0.1:5003\n")
    assert await polled(watcher) == ["a", "b", "c"]


async def test_a_map_that_is_away_for_a_moment_is_no_error(path: Path) -> None:
    watcher = MapWatcher(MapFile(path), LastGoodMap(path, path.parent))

    remove(path)
    await watcher.poll()
    write(path, GOOD)
    await polled(watcher)

    assert watcher.error is None


async def test_a_map_that_stays_away_is_an_error_until_it_is_back(path: Path) -> None:
    watcher = MapWatcher(MapFile(path), LastGoodMap(path, path.parent))
    remove(path)

    assert await polled(watcher) == ["a"]
    assert watcher.error == f"{path}: No such file or directory"

    write(path, GOOD)
    await polled(watcher)
    assert watcher.error is None


def test_there_is_no_gateway_without_a_map(tmp_path: Path) -> None:
    with pytest.raises(StoreMapError, match=r"stores\.yaml: No such file"):
        MapWatcher(
            MapFile(tmp_path / "stores.yaml"), LastGoodMap(tmp_path / "stores.yaml", tmp_path)
        )


async def test_the_version_is_the_files(path: Path) -> None:
    watcher = MapWatcher(MapFile(path), LastGoodMap(path, path.parent))
    first = watcher.status.version

    write(path, json.dumps({"a": "127.0.0.1:5001"}))
    await polled(watcher)

    assert watcher.status.version != first
