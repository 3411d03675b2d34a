"""A shard that is down, slow or talks nonsense costs coverage, never the request."""

import asyncio
from pathlib import Path

import pytest

from tests.gateway.fake_chain import BOB, CARL, STRANGER, Chain, running, until
from tests.gateway.fakes import (
    Behaviour,
    babbles,
    finds,
    hangs,
    picture,
    refuses,
    resets,
    says,
    waits_for,
)

HTML = says("<html>It works!</html>", kind="text/html")
NO_PROBLEM = says("upstream is gone", status=502, kind="text/plain")
REDIRECT = says("", status=302)
HUGE = says(b" " * 33_000_000)
SEARCH_FAULTS: list[tuple[Behaviour, str]] = [
    (HTML, "nonsense"),
    (says(""), "nonsense"),
    (says("{}"), "nonsense"),
    (says(b"\xff\xfe\x00"), "nonsense"),
    (NO_PROBLEM, "nonsense"),
    (REDIRECT, "nonsense"),
    (HUGE, "nonsense"),
    (babbles, "nonsense"),
    (finds(distance=float("nan")), "nonsense"),
    (finds(distance=float("inf")), "nonsense"),
    (finds(distance=-1.0), "nonsense"),
    (finds(score=float("nan")), "nonsense"),
    (finds(thresholds=[]), "nonsense"),
    (finds(thresholds=[float("inf")]), "nonsense"),
    (finds(results=[]), "nonsense"),
    (finds(results=[[], []]), "nonsense"),
    (finds(store="store-x"), "nonsense"),
    (finds(candidate_store="store-x"), "nonsense"),
    (finds(model="model-2"), "nonsense"),
    (refuses(409, "MODEL_MISMATCH"), "model mismatch"),
    (refuses(400, "BAD_VECTORS"), "bad vectors"),
    (refuses(503, "BUSY", 1), "busy"),
    (refuses(503, "NOT_READY", 1), "not ready"),
    (refuses(500, "INTERNAL"), "internal"),
    (resets, "unavailable"),
    (hangs, "timeout"),
]


@pytest.mark.parametrize(("fault", "reason"), SEARCH_FAULTS)
async def test_a_failing_shard_is_named_with_its_reason(
    chain: Chain, fault: Behaviour, reason: str
) -> None:
    chain.shard("store-b").faults["/search"] = fault

    answer = await chain.recognize("store-a", CARL, mint=False)

    assert [face["match"] for face in answer["faces"]] == ["roaming"]
    assert answer["coverage"] == {
        "asked": 3,
        "answered": 2,
        "failed": {"store-b": reason},
        "skipped": {},
        "unawaited": [],
        "directory": None,
        "complete": False,
    }


async def test_a_shard_that_is_gone_is_unavailable(chain: Chain) -> None:
    await chain.shard("store-b").stop()

    answer = await chain.recognize("store-a", CARL)

    assert answer["coverage"]["failed"] == {"store-b": "unavailable"}
    assert answer["faces"][0]["match"] == "roaming"


async def test_a_new_face_is_provisional_while_a_shard_is_gone(chain: Chain) -> None:
    await chain.shard("store-b").stop()

    [face] = (await chain.recognize("store-a", BOB))["faces"]
    [mint] = chain.shard("store-a").asked("/faces/mint")

    assert (face["match"], face["provisional"]) == ("new", True)
    assert mint.query["provisional"] == "true"


async def test_the_fan_out_keeps_its_deadline_when_every_shard_hangs(tmp_path: Path) -> None:
    async with running(tmp_path, fan_out_ms=2000) as chain:
        for store in ("store-b", "store-c"):
            chain.shard(store).faults["/search"] = hangs

        answer = await chain.recognize("store-a", STRANGER)

        assert answer["coverage"]["failed"] == {"store-b": "timeout", "store-c": "timeout"}
        assert answer["faces"][0]["provisional"]
        assert answer["timing_ms"]["fan_out"] > 1500


async def test_shards_are_asked_in_parallel(chain: Chain) -> None:
    both_asked = asyncio.Event()
    shards = [chain.shard("store-b"), chain.shard("store-c")]
    for shard in shards:
        shard.faults["/search"] = waits_for(both_asked, finds(store=shard.store, results=[[]]))

    answering = asyncio.create_task(chain.recognize("store-a", STRANGER))
    await until(lambda: all(shard.asked("/search") for shard in shards))
    both_asked.set()

    assert (await answering)["coverage"]["complete"]


async def test_a_camera_may_be_in_a_hurry(tmp_path: Path) -> None:
    async with running(tmp_path, fan_out_ms=600_000) as chain:
        chain.shard("store-b").faults["/search"] = hangs

        answer = await chain.http.post(
            "/v1/stores/store-a/recognize",
            content=picture(CARL),
            headers={"X-Facegate-Deadline-Ms": "2000"},
        )

    assert answer.json()["coverage"]["failed"] == {"store-b": "timeout"}


async def test_a_shard_known_to_be_down_costs_no_time(tmp_path: Path) -> None:
    async with running(tmp_path, health_seconds=0.2) as chain:
        chain.shard("store-b").faults |= {"/status": hangs, "/search": hangs}
        await until(lambda: _is_down(chain, "store-b"))

        answer = await chain.recognize("store-a", CARL)

        assert answer["coverage"]["failed"] == {"store-b": "unavailable"}
        assert answer["coverage"]["asked"] == 3
        assert chain.shard("store-b").asked("/search") == []

        chain.shard("store-b").faults.clear()
        await until(lambda: chain.healthy("store-b"))
        assert (await chain.recognize("store-a", CARL))["coverage"]["complete"]


async def _is_down(chain: Chain, store: str) -> bool:
    return not await chain.healthy(store)


async def test_a_shard_that_is_not_ready_is_not_asked(tmp_path: Path) -> None:
    async with running(tmp_path, health_seconds=0.2) as chain:
        chain.shard("store-b").ready = False
        await until(lambda: _is_down(chain, "store-b"))

        answer = await chain.recognize("store-a", CARL)

        assert answer["coverage"]["failed"] == {"store-b": "unavailable"}
        assert chain.shard("store-b").asked("/search") == []


async def test_a_shard_of_another_store_is_not_trusted(tmp_path: Path) -> None:
    async with running(tmp_path, health_seconds=0.2) as chain:
        chain.shard("store-b").store = "store-x"
        await until(lambda: _is_down(chain, "store-b"))

        [replica] = (await chain.cluster())["stores"][1]["replicas"]
        answer = await chain.http.post("/v1/stores/store-b/faces?face_id=x", content=picture(BOB))

        assert replica["reason"] == "serves store 'store-x'"
        assert (answer.status_code, answer.json()["code"]) == (503, "SHARD_UNAVAILABLE")
        assert chain.shard("store-b").asked("/faces") == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (refuses(507, "STORAGE_FULL"), "storage full"),
        (refuses(409, "READ_ONLY_REPLICA"), "read only replica"),
        (says('{"store": "store-a", "faces": []}'), "nonsense"),
        (resets, "unavailable"),
    ],
)
async def test_a_stranger_whom_home_cannot_store_stays_unknown(
    chain: Chain, fault: Behaviour, reason: str
) -> None:
    chain.shard("store-a").faults["/faces/mint"] = fault

    answer = await chain.recognize("store-a", STRANGER, BOB)

    assert [face["match"] for face in answer["faces"]] == ["unknown", "roaming"]
    assert answer["coverage"]["failed"] == {"store-a": f"mint: {reason}"}
    assert not answer["coverage"]["complete"]
