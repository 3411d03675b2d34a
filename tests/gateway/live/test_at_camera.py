"""Who stands at one camera now, and what its own feed tells: a till with a camera of its own."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.gateway.fake_chain import ANNA, BOB, Chain

STORE = "/v1/stores/store-a"
LONG_AGO = timedelta(seconds=1000)
"""Within the `visit_gap`, and longer than a busy machine takes for a test."""


@dataclass
class Cameras:
    """Cameras of a store that see people, each so many seconds after its test has begun."""

    chain: Chain
    start: datetime

    async def see(self, face: Any, camera: str | None, second: int) -> None:
        at = (self.start + timedelta(seconds=second)).isoformat()
        query = {} if camera is None else {"camera": camera}
        await self.chain.recognize("store-a", face, captured_at=at, **query)


@pytest.fixture
def cameras(chain: Chain) -> Cameras:
    return Cameras(chain, datetime.now(UTC) - LONG_AGO)


async def present(chain: Chain, **query: Any) -> list[str]:
    answer = await chain.http.get(f"{STORE}/present", params=query)
    assert answer.status_code == 200, answer.text
    return [card["face_id"] for card in answer.json()["visits"]]


async def test_who_stands_at_a_camera_is_who_it_was_the_last_to_see(
    chain: Chain, cameras: Cameras
) -> None:
    await cameras.see(ANNA, "door", 0)
    await cameras.see(BOB, "door", 1)
    await cameras.see(ANNA, "till", 5)

    assert await present(chain) == ["bob", "anna"]
    assert await present(chain, camera="door") == ["bob"]
    assert await present(chain, camera="till") == ["anna"]
    assert await present(chain, camera="yard") == []

    await cameras.see(BOB, "till", 990)
    assert await present(chain, camera="till") == ["bob", "anna"]
    assert await present(chain, camera="till", seconds=600) == ["bob"]
    card = (await chain.http.get(f"{STORE}/present")).json()["visits"][0]
    assert (card["camera"], card["last_camera"]) == ("door", "till")


async def test_whom_two_cameras_see_at_once_stays_at_the_first(
    chain: Chain, cameras: Cameras
) -> None:
    for second in range(6):
        await cameras.see(ANNA, ("door", "till")[second % 2], second)
    await cameras.see(ANNA, None, 20)
    assert await present(chain, camera="door") == ["anna"]

    await cameras.see(ANNA, "till", 7)  # three seconds after the door's last frame, and late
    assert await present(chain, camera="till") == ["anna"]
    await cameras.see(ANNA, "door", 3)  # a frame that had to wait
    assert await present(chain, camera="till") == ["anna"]


@asynccontextmanager
async def followed(chain: Chain, **query: str) -> AsyncIterator[AsyncIterator[tuple[str, Any]]]:
    """Follow the store's feed from now on: yield the names and the data of its events."""
    async with chain.http.stream("GET", f"{STORE}/live", params=query) as answer:
        lines = answer.aiter_lines()
        while (await anext(lines)).partition(":")[0] != "id":
            pass
        yield _events(lines)


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, Any]]:
    name = ""
    async for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


async def test_the_feed_of_a_camera_tells_who_comes_to_it_and_who_goes(
    chain: Chain, cameras: Cameras
) -> None:
    async with followed(chain, camera="till") as told, followed(chain) as told_of_all:
        for face in (ANNA, BOB):
            await cameras.see(face, "door", 0)
            await anext(told_of_all)  # the till is told how things are by then, not how they were
        await cameras.see(ANNA, "till", 10)
        name, event = await anext(told)
        assert (name, event["change"], event["card"]["face_id"]) == ("visit", "extended", "anna")
        assert event["card"]["last_camera"] == "till"

        await cameras.see(BOB, "yard", 20)
        await cameras.see(ANNA, "yard", 20)
        name, gone = await anext(told)
        assert (name, gone["visit"]) == ("gone", event["card"]["visit"])
