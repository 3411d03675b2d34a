"""Several replicas of one store: the least busy healthy one is asked, and once another one."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.fake_chain import ANNA, STRANGER, Chain, running, until
from tests.gateway.fakes import Behaviour, FakeShard, hangs, picture, refuses, resets, says


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Chain]:
    """One store with two replicas that hold the same faces."""
    async with running(tmp_path, two_replicas()) as chain:
        yield chain


def two_replicas() -> dict[str, list[FakeShard]]:
    writer, reader = FakeShard("store-a"), FakeShard("store-a")
    writer.member("anna", ANNA)
    reader.faces = writer.faces
    return {"store-a": [writer, reader]}


async def test_idle_replicas_take_turns(pair: Chain) -> None:
    for _ in range(4):
        await pair.recognize("store-a", ANNA)

    assert [len(shard.asked("/recognize")) for shard in pair.stores["store-a"]] == [2, 2]


async def test_the_least_busy_replica_is_asked(pair: Chain) -> None:
    first = pair.shard("store-a")
    first.faults["/recognize"] = hangs
    stuck = asyncio.create_task(pair.recognize("store-a", ANNA))
    await until(lambda: first.asked("/recognize"))

    for _ in range(3):
        await pair.recognize("store-a", ANNA)
    [replicas] = [store["replicas"] for store in (await pair.cluster())["stores"]]

    assert [replica["in_flight"] for replica in replicas] == [1, 0]
    assert len(first.asked("/recognize")) == 1
    stuck.cancel()


@pytest.mark.parametrize("fault", [resets, refuses(503, "BUSY", 1), refuses(503, "NOT_READY", 1)])
async def test_another_replica_is_tried_once(pair: Chain, fault: Behaviour) -> None:
    for shard in pair.stores["store-a"][:1]:
        shard.faults["/recognize"] = fault

    answers = [await pair.recognize("store-a", ANNA) for _ in range(2)]

    assert [answer["faces"][0]["match"] for answer in answers] == ["home", "home"]
    assert all(answer["coverage"]["complete"] for answer in answers)


async def test_no_more_than_two_replicas_are_tried(tmp_path: Path) -> None:
    replicas = [FakeShard("store-a") for _ in range(4)]
    for shard in replicas:
        shard.faults["/recognize"] = resets
    async with running(tmp_path, {"store-a": replicas}) as chain:
        answer = await chain.http.post("/v1/stores/store-a/recognize", content=picture(ANNA))

        assert (answer.status_code, answer.json()["code"]) == (503, "SHARD_UNAVAILABLE")
        assert sum(len(shard.asked("/recognize")) for shard in replicas) == 2


@pytest.mark.parametrize("fault", [says("<html>"), refuses(422, "BROKEN_PICTURE")])
async def test_an_answer_is_not_asked_for_twice(pair: Chain, fault: Behaviour) -> None:
    for shard in pair.stores["store-a"]:
        shard.faults["/recognize"] = fault

    await pair.http.post("/v1/stores/store-a/recognize", content=picture(ANNA))

    assert sum(len(shard.asked("/recognize")) for shard in pair.stores["store-a"]) == 1


async def test_an_unhealthy_replica_is_skipped(tmp_path: Path) -> None:
    async with running(tmp_path, two_replicas(), health_seconds=0.2) as chain:
        first = chain.shard("store-a")
        first.faults |= {"/status": hangs, "/recognize": hangs}
        await until(lambda: _healthy(chain, [False, True]))

        for _ in range(3):
            await chain.recognize("store-a", ANNA)

        assert first.asked("/recognize") == []
        first.faults.clear()
        await until(lambda: _healthy(chain, [True, True]))


async def _healthy(chain: Chain, expected: list[bool]) -> bool:
    [store] = (await chain.cluster())["stores"]
    return [replica["healthy"] for replica in store["replicas"]] == expected


async def test_refused_connections_make_a_replica_unhealthy_before_the_next_check(
    pair: Chain,
) -> None:
    await pair.stores["store-a"][0].stop()

    for _ in range(4):
        await pair.recognize("store-a", ANNA)

    assert await _healthy(pair, [False, True])


async def test_the_first_replica_alone_writes(pair: Chain) -> None:
    writer, reader = pair.stores["store-a"]

    for _ in range(3):
        await pair.recognize("store-a", STRANGER)
        await pair.http.post("/v1/stores/store-a/faces?face_id=x", content=picture(ANNA))

    assert len(writer.asked("/faces/mint")) == 1
    assert len(writer.asked("/faces")) == 3
    assert reader.asked("/faces/mint") == reader.asked("/faces") == []


async def test_without_the_writer_members_are_recognised_and_strangers_stay_unknown(
    pair: Chain,
) -> None:
    await pair.stores["store-a"][0].stop()

    [member, stranger] = (await pair.recognize("store-a", ANNA, STRANGER))["faces"]
    enrollment = await pair.http.post("/v1/stores/store-a/faces?face_id=x", content=picture(ANNA))

    assert (member["match"], stranger["match"]) == ("home", "unknown")
    assert (enrollment.status_code, enrollment.json()["code"]) == (503, "SHARD_UNAVAILABLE")
