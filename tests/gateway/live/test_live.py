"""The live feed's routes."""

import asyncio

from tests.gateway.fake_chain import Chain


async def test_a_feed_says_at_once_where_it_starts(chain: Chain) -> None:
    async with chain.http.stream("GET", "/v1/stores/store-a/live") as answer:
        lines = answer.aiter_lines()
        first = [await asyncio.wait_for(anext(lines), 60) for _ in range(2)]

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-accel-buffering"] == "no"
    assert first == ["retry: 1000", "id: 0.0"]


async def test_a_feed_that_cannot_be_is_refused_with_a_status(chain: Chain) -> None:
    nowhere = await chain.http.get("/v1/stores/nowhere/live")
    nonsense = await chain.http.get("/v1/stores/store-a/live", params={"after": "yesterday"})

    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "UNKNOWN_STORE")
    assert (nonsense.status_code, nonsense.json()["code"]) == (400, "BAD_REQUEST")


async def test_an_empty_store_has_nobody_present(chain: Chain) -> None:
    present = (await chain.http.get("/v1/stores/store-a/present")).json()

    assert (present["visits"], present["position"], present["visit_gap_seconds"]) == (
        [],
        "0.0",
        1800,
    )
