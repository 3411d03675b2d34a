"""The search ends when it is certain who came, and waits for every store when it is not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.fake_chain import ANNA, BOB, STRANGER, Chain, running, until
from tests.gateway.fakes import hangs, waits_for

NEARLY_BOB = (0.0, 0.9, 0.43, 0.0)
"""Passes for Bob, by a score of .56."""


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[Chain]:
    """Store-b knows the member Bob; store-c does not answer searches."""
    async with running(tmp_path, fan_out_ms=2000) as chain:
        chain.shard("store-b").member("bob", BOB, "m-bob")
        chain.shard("store-c").faults["/search"] = hangs
        yield chain


async def test_nobody_waits_for_a_store_that_cannot_change_the_answer(tmp_path: Path) -> None:
    async with running(tmp_path, fan_out_ms=600_000) as chain:
        chain.shard("store-b").member("bob", BOB, "m-bob")
        chain.shard("store-c").faults["/search"] = hangs

        answer = await chain.recognize("store-a", BOB)

        [face] = answer["faces"]
        assert (face["match"], face["face_id"], face["store"]) == ("roaming", "bob", "store-b")
        assert answer["coverage"] == {
            "asked": 3,
            "answered": 2,
            "failed": {},
            "skipped": {},
            "unawaited": ["store-c"],
            "directory": None,
            "complete": True,
        }
        assert "facegate_fan_out_unawaited_total 1.0" in await chain.metrics()


async def test_a_store_that_was_not_waited_for_has_not_failed(tmp_path: Path) -> None:
    late = asyncio.Event()
    async with running(tmp_path, fan_out_ms=600_000) as chain:
        slow = chain.shard("store-c")
        chain.shard("store-b").member("bob", BOB, "m-bob")
        slow.faults["/search"] = waits_for(late, slow.search)
        for _ in range(5):
            assert (await chain.recognize("store-a", BOB))["coverage"]["unawaited"] == ["store-c"]

        late.set()
        await until(lambda: _has_nothing_to_do(chain, "store-c"))

        assert await chain.healthy("store-c")
        assert 'facegate_fan_out_failures_total{store="store-c"}' not in await chain.metrics()
        answer = await chain.recognize("store-a", STRANGER, mint=False)
        assert answer["coverage"]["answered"] == 3


async def _has_nothing_to_do(chain: Chain, store: str) -> bool:
    [found] = [s for s in (await chain.cluster())["stores"] if s["store"] == store]
    return all(replica["in_flight"] == 0 for replica in found["replicas"])


async def test_a_stranger_is_never_certain(chain: Chain) -> None:
    answer = await chain.recognize("store-a", STRANGER)

    assert answer["coverage"]["failed"] == {"store-c": "timeout"}
    assert answer["faces"][0]["provisional"]


async def test_whoever_barely_passes_is_not_certain(chain: Chain) -> None:
    answer = await chain.recognize("store-a", NEARLY_BOB)

    assert answer["faces"][0]["face_id"] == "bob"
    assert answer["coverage"]["failed"] == {"store-c": "timeout"}


async def test_all_faces_of_a_picture_have_to_be_certain(chain: Chain) -> None:
    answer = await chain.recognize("store-a", BOB, STRANGER)

    assert [face["match"] for face in answer["faces"]] == ["roaming", "new"]
    assert answer["coverage"]["failed"] == {"store-c": "timeout"}


async def test_a_face_id_of_no_member_is_not_certain(chain: Chain) -> None:
    chain.shard("store-b").member("bob", BOB)

    answer = await chain.recognize("store-a", BOB)

    assert answer["faces"][0]["face_id"] == "bob"
    assert answer["coverage"]["failed"] == {"store-c": "timeout"}


async def test_whoever_lists_candidates_waits_for_all(chain: Chain) -> None:
    answer = await chain.recognize("store-a", BOB, candidates=1)

    assert answer["coverage"]["failed"] == {"store-c": "timeout"}


async def test_a_store_whose_visitors_may_be_found_is_waited_for(tmp_path: Path) -> None:
    options = {"store-c": {"cross_store": "everyone"}}
    async with running(tmp_path, options=options, fan_out_ms=2000) as chain:
        chain.shard("store-b").member("bob", BOB, "m-bob")
        chain.shard("store-c").faults["/search"] = hangs

        answer = await chain.recognize("store-a", BOB)

        assert answer["coverage"]["failed"] == {"store-c": "timeout"}


async def test_a_home_match_asks_nobody(chain: Chain) -> None:
    assert (await chain.recognize("store-a", ANNA))["coverage"]["asked"] == 1
