"""When the home shard does not work another one encodes; when it refuses, that is the answer."""

import json
from pathlib import Path

import pytest

from tests.gateway.fake_chain import BOB, STRANGER, Chain, running
from tests.gateway.fakes import (
    Behaviour,
    babbles,
    hangs,
    picture,
    place_of,
    refuses,
    resets,
    says,
)

BAD_FACE = '{"box": {"top": 0, "right": 1, "bottom": 1, "left": 0}, "match": "unknown"%s}'


def recognized(face: str) -> Behaviour:
    return says(
        '{"result": null, "store": "store-a", "model": "model-1", "faces": [' + face + "],"
        ' "timing_ms": {"encode": 1, "search": 1, "total": 2}}'
    )


async def test_a_stand_in_encodes_and_nothing_is_minted(chain: Chain) -> None:
    await chain.shard("store-a").stop()

    answer = await chain.recognize("store-a", BOB, STRANGER)

    bob, stranger = answer["faces"]
    assert (bob["match"], bob["store"]) == ("roaming", "store-b")
    assert (stranger["match"], stranger["face_id"]) == ("unknown", None)
    assert answer["coverage"] == {
        "asked": 3,
        "answered": 2,
        "failed": {"store-a": "unavailable"},
        "skipped": {},
        "unawaited": [],
        "directory": None,
        "complete": False,
    }
    others = [chain.shard("store-b"), chain.shard("store-c")]
    assert sum(len(shard.asked("/encode")) for shard in others) == 1
    assert all(len(shard.asked("/search")) == 1 for shard in others)
    assert all(shard.asked("/faces/mint") == [] for shard in others)
    assert len(chain.shard("store-b").faces) == 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (resets, "unavailable"),
        (babbles, "nonsense"),
        (says("<html>"), "nonsense"),
        (refuses(503, "NOT_READY", 1), "not ready"),
        (refuses(500, "INTERNAL"), "internal"),
        (recognized(BAD_FACE % ""), "nonsense"),
        (recognized(BAD_FACE % ', "vector": "AADAfw=="'), "nonsense"),
        (recognized(BAD_FACE % ', "vector": "AAA"'), "nonsense"),
        (recognized(BAD_FACE.replace("unknown", "home") % ""), "nonsense"),
        (recognized(BAD_FACE % ', "vector": "AACAPw==", "place": [0.5, 0]'), "nonsense"),
    ],
)
async def test_a_home_that_does_not_work_is_named(
    chain: Chain, fault: Behaviour, reason: str
) -> None:
    chain.shard("store-a").faults["/recognize"] = fault

    answer = await chain.recognize("store-a", BOB)

    assert answer["faces"][0]["match"] == "roaming"
    assert answer["coverage"]["failed"] == {"store-a": reason}


async def test_what_a_stand_in_says_of_places_travels_on(chain: Chain) -> None:
    await chain.shard("store-a").stop()
    for store in ("store-b", "store-c"):
        chain.shard(store).cohort = "c-1"

    await chain.recognize("store-a", BOB)

    for store in ("store-b", "store-c"):
        [search] = chain.shard(store).asked("/search")
        assert json.loads(search.query["places"]) == [[*place_of(BOB)]]


async def test_a_home_that_hangs_costs_its_own_deadline(tmp_path: Path) -> None:
    async with running(tmp_path, home_ms=2000) as chain:
        chain.shard("store-a").faults["/recognize"] = hangs

        answer = await chain.recognize("store-a", BOB)

        assert answer["faces"][0]["match"] == "roaming"
        assert answer["coverage"]["failed"] == {"store-a": "timeout"}
        assert answer["timing_ms"]["home"] > 1500


async def test_the_next_shard_encodes_when_the_stand_in_is_down_too(chain: Chain) -> None:
    for store in ("store-a", "store-b"):
        await chain.shard(store).stop()

    answer = await chain.recognize("store-a", STRANGER)

    assert answer["faces"][0]["match"] == "unknown"
    assert answer["coverage"]["failed"] == {"store-a": "unavailable", "store-b": "unavailable"}


async def test_without_any_shard_the_answer_is_503(chain: Chain) -> None:
    for store in chain.stores:
        await chain.shard(store).stop()

    answer = await chain.http.post("/v1/stores/store-a/recognize", content=picture(BOB))

    assert (answer.status_code, answer.json()["code"]) == (503, "SHARD_UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "EMPTY_PICTURE"),
        (413, "TOO_MANY_PIXELS"),
        (415, "UNSUPPORTED_PICTURE"),
        (422, "BROKEN_PICTURE"),
        (422, "ENCODER_CRASHED"),
    ],
)
async def test_a_picture_that_home_refuses_is_sent_to_no_one_else(
    chain: Chain, status: int, code: str
) -> None:
    chain.shard("store-a").faults["/recognize"] = refuses(status, code)

    answer = await chain.http.post("/v1/stores/store-a/recognize", content=b"x")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"] == f"the fake shard says {code}"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert chain.shard("store-b").asked("/encode") == []


async def test_a_busy_home_says_when_to_come_back(chain: Chain) -> None:
    chain.shard("store-a").faults["/recognize"] = refuses(503, "BUSY", 3)

    answer = await chain.http.post("/v1/stores/store-a/recognize", content=picture(BOB))

    assert (answer.status_code, answer.json()["code"]) == (503, "BUSY")
    assert answer.headers["Retry-After"] == "3"
    assert chain.shard("store-b").asked("/encode") == []
