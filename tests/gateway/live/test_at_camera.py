"""Who stands at one camera now, and what its own feed tells: a till with a camera of its own."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.gateway.fake_chain import ANNA, BOB, Chain

STORE = "/v1/stores/store-a"
START = datetime.now(UTC) - timedelta(seconds=100)


async def sees(chain: Chain, face: Any, camera: str | None, second: int) -> None:
    at = (START + timedelta(seconds=second)).isoformat()
    query = {} if camera is None else {"camera": camera}
    await chain.recognize("store-a", face, captured_at=at, **query)


async def present(chain: Chain, **query: Any) -> list[str]:
    answer = await chain.http.get(f"{STORE}/present", params=query)
    assert answer.status_code == 200, answer.text
    return [card["face_id"] for card in answer.json()["visits"]]


async def test_who_stands_at_a_camera_is_who_it_was_the_last_to_see(chain: Chain) -> None:
    await sees(chain, ANNA, "door", 0)
    await sees(chain, BOB, "door", 1)
    await sees(chain, ANNA, "till", 5)

    assert await present(chain) == ["bob", "anna"]
    assert await present(chain, camera="door") == ["bob"]
    assert await present(chain, camera="till") == ["anna"]
    assert await present(chain, camera="yard") == []

    await sees(chain, BOB, "till", 90)
    assert await present(chain, camera="till") == ["bob", "anna"]
    assert await present(chain, camera="till", seconds=60) == ["bob"]
    card = (await chain.http.get(f"{STORE}/present")).json()["visits"][0]
    assert (card["camera"], card["last_camera"]) == ("door", "till")


async def test_whom_two_cameras_see_at_once_stays_at_the_first(chain: Chain) -> None:
    for second in range(6):
        await sees(chain, ANNA, ("door", "till")[second % 2], second)
    await sees(chain, ANNA, None, 20)
    assert await present(chain, camera="door") == ["anna"]

    await sees(chain, ANNA, "till", 7)  # three seconds after the door's last frame, and late
    assert await present(chain, camera="till") == ["anna"]
    await sees(chain, ANNA, "door", 3)  # a frame that had to wait
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


async def test_the_feed_of_a_camera_tells_who_comes_to_it_and_who_goes(chain: Chain) -> None:
    async with followed(chain, camera="till") as told:
        await sees(chain, ANNA, "door", 0)
        await sees(chain, BOB, "door", 0)
        await sees(chain, ANNA, "till", 10)
        name, event = await anext(told)
        assert (name, event["change"], event["card"]["face_id"]) == ("visit", "extended", "anna")
        assert event["card"]["last_camera"] == "till"

        await sees(chain, BOB, "yard", 20)
        await sees(chain, ANNA, "yard", 20)
        name, gone = await anext(told)
        assert (name, gone["visit"]) == ("gone", event["card"]["visit"])
