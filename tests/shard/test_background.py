"""What a shard does by itself goes on, whatever ends it, and its status says that it had ended."""

import sqlite3
from pathlib import Path
from typing import Any

import httpx

from tests.shard.conftest import StartShard, eventually, ready
from tests.shard.fakes import Fails, picture_of


async def background(shard: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Return how the work of a shard is doing, but for what every writer does for ever."""
    status = (await shard.get("/status")).json()
    return [
        work for work in status["background"] if work["name"] not in {"gallery", "index upkeep"}
    ]


async def test_an_import_that_ended_is_begun_again(start_shard: StartShard, tmp_path: Path) -> None:
    folder = tmp_path / "west"
    folder.mkdir()
    (folder / "anna_1.jpg").write_bytes(picture_of(1))
    encoder = Fails(ZeroDivisionError())
    shard = await start_shard(encoder, gallery=folder)

    async def has_ended() -> bool:
        return any(not work["running"] for work in await background(shard))

    async def is_in_the_metrics() -> bool:
        stopped = 'facegate_shard_background_stopped{store="s"} 1.0'
        return stopped in (await shard.get("/metrics")).text

    await eventually(has_ended)
    await eventually(is_in_the_metrics)  # it may have been begun again meanwhile, and ends again
    [work] = await background(shard)
    assert (work["name"], work["last_error"]) == ("import", "ZeroDivisionError; the log has more")
    assert work["failures"] >= 1
    encoder.error = None

    async def is_over() -> bool:
        return await background(shard) == []

    await ready(shard)
    await eventually(is_over)
    assert (await shard.get("/faces/anna")).status_code == 200


async def test_a_replica_goes_on_following_after_what_nobody_foresaw(
    start_shard: StartShard, tmp_path: Path
) -> None:
    writer = await start_shard()
    await ready(writer)
    replica = await start_shard(read_only=True)
    await ready(replica)
    [file] = (tmp_path / "data").rglob("gallery.sqlite3")

    def number_changes(last: object) -> None:
        with sqlite3.connect(file, timeout=10) as gallery:
            gallery.execute("UPDATE meta SET seq = ?", [last])
        gallery.close()

    async def stopped() -> bool:
        return not (await background(replica))[0]["running"]

    async def follows() -> bool:
        answer = await replica.post("/recognize", content=picture_of(1))
        return bool(answer.json()["result"] == "anna")

    number_changes("no number")
    await eventually(stopped)
    number_changes(0)
    await writer.post("/faces", params={"face_id": "anna"}, content=picture_of(1))

    await eventually(follows)
    [work] = await background(replica)
    assert (work["name"], work["running"]) == ("following", True)
    assert work["failures"] >= 1
