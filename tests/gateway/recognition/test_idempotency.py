"""The same frame sent again is answered again and counted once, whichever gateway gets it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import plain_http
from tests.gateway.fake_chain import ANNA, BOB, STRANGER, Chain, running, served, until
from tests.gateway.fakes import picture, says, waits_for


async def post(
    http: httpx.AsyncClient, key: str | None = "k-1", face: Any = STRANGER, **query: Any
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    url = "/v1/stores/store-a/recognize"
    return await http.post(url, content=picture(face), params=query, headers=headers)


async def pv(http: httpx.AsyncClient) -> int:
    return int((await http.get("/v1/stores/store-a/traffic")).json()["pv"])


async def test_a_frame_sent_a_hundred_times_at_once_is_one_visit(chain: Chain) -> None:
    answers = await asyncio.gather(*(post(chain.http) for _ in range(100)))

    assert {(answer.status_code, answer.content) for answer in answers} == {
        (200, answers[0].content)
    }
    assert answers[0].json()["faces"][0]["visit"]["new"] is True
    assert len(chain.shard("store-a").asked("/recognize")) == 1
    assert (await post(chain.http)).content == answers[0].content
    assert await pv(chain.http) == 1


async def test_camera_and_frame_number_are_a_key(chain: Chain) -> None:
    one, same, other = [
        await post(chain.http, None, camera=camera, frame=number)
        for camera, number in (("door", "1"), ("door", "1"), ("till", "1"))
    ]

    assert one.content == same.content != other.content
    assert len(chain.shard("store-a").asked("/recognize")) == 2


async def test_keys_of_two_stores_are_two(chain: Chain) -> None:
    await post(chain.http)

    answer = await chain.http.post(
        "/v1/stores/store-b/recognize", content=picture(BOB), headers={"Idempotency-Key": "k-1"}
    )

    assert answer.json()["faces"][0]["face_id"] == "bob"


@pytest.mark.parametrize("change", [{"face": ANNA}, {"mint": False}])
async def test_a_key_with_another_question_is_refused(chain: Chain, change: dict[str, Any]) -> None:
    await post(chain.http)

    answer = await post(chain.http, **change)

    assert (answer.status_code, answer.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")


async def test_a_key_with_another_question_is_refused_while_the_first_is_under_way(
    chain: Chain,
) -> None:
    shard, held = chain.shard("store-a"), asyncio.Event()
    shard.faults["/recognize"] = waits_for(held, shard.recognize)
    first = asyncio.create_task(post(chain.http))
    await until(lambda: shard.asked("/recognize"))

    answer = await post(chain.http, face=ANNA)

    assert (answer.status_code, answer.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    held.set()
    assert (await first).status_code == 200


async def test_the_same_form_with_another_boundary_is_the_same_frame(chain: Chain) -> None:
    def form(boundary: str) -> Any:
        body = f'--{boundary}\r\nname="image"\r\n\r\nx\r\n--{boundary}--'.encode()
        kind = f"multipart/form-data; boundary={boundary}"
        return {"content": body, "headers": {"Content-Type": kind, "Idempotency-Key": "k"}}

    shard = chain.shard("store-a")
    shard.faults["/recognize"] = says(RECOGNIZED)
    one, two = [
        await chain.http.post("/v1/stores/store-a/recognize", **form(boundary))
        for boundary in ("aaaa", "bbbb")
    ]

    assert (one.status_code, one.content) == (200, two.content)
    assert len(shard.asked("/recognize")) == 1


RECOGNIZED = (
    '{"result": null, "store": "store-a", "model": "model-1", "faces": [],'
    ' "timing_ms": {"encode": 1, "search": 1, "total": 1}}'
)


async def test_what_failed_may_be_tried_again(chain: Chain) -> None:
    shard = chain.shard("store-a")
    shard.faults["/recognize"] = says("<html>")
    chain.shard("store-b").faults["/encode"] = says("<html>")
    chain.shard("store-c").faults["/encode"] = says("<html>")
    assert (await post(chain.http)).status_code == 502
    shard.faults.clear()

    assert (await post(chain.http)).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
async def test_a_key_that_is_none_is_refused(chain: Chain, key: str) -> None:
    answer = await chain.http.post(
        "/v1/stores/store-a/recognize", content=picture(ANNA), headers={"Idempotency-Key": key}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_IDEMPOTENCY_KEY")


async def test_a_frame_number_without_a_camera_is_refused(chain: Chain) -> None:
    answer = await post(chain.http, None, frame="7")

    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_IDEMPOTENCY_KEY")


@asynccontextmanager
async def two_gateways(
    folder: Path, url: str, **settings: Any
) -> AsyncIterator[tuple[Chain, httpx.AsyncClient]]:
    async with (
        running(folder, record_url=url, **settings) as chain,
        served(chain.path, folder, record_url=url, **settings) as other,
        plain_http.AsyncClient(base_url=other) as http,
    ):
        yield chain, http


async def test_a_frame_sent_to_two_gateways_at_once_is_one_visit(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with two_gateways(tmp_path, postgresql_url) as (chain, other):
        answers = await asyncio.gather(*(post(http) for http in (chain.http, other) * 20))

        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        assert await pv(chain.http) == await pv(other) == 1


async def test_a_gateway_that_is_gone_leaves_its_keys_to_others(
    tmp_path: Path, postgresql_url: str
) -> None:
    async with two_gateways(tmp_path, postgresql_url, request_seconds=1) as (chain, other):
        shard, held = chain.shard("store-a"), asyncio.Event()
        shard.faults["/recognize"] = waits_for(held, shard.recognize)
        gone = asyncio.create_task(post(chain.http))
        await until(lambda: shard.asked("/recognize"))
        waiting = await post(other)  # cannot know yet that nothing comes
        held.set()
        await gone

        assert (waiting.status_code, waiting.json()["code"]) == (504, "DEADLINE_EXCEEDED")
