"""How the cameras are: listed and seen, what they send, and that nobody forgets them."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.gateway.fake_chain import ANNA, BOB, Chain, running
from tests.gateway.fakes import picture

LISTED = {"cameras": {"door": {"name": "Front door", "silent_after": "10m"}, "till": None}}


async def cameras(chain: Chain, **query: str) -> dict[str, dict[str, Any]]:
    answer = await chain.http.get("/v1/cameras", params=query)
    assert answer.status_code == 200, answer.text
    return {f"{c['store']}/{c['camera']}": c for c in answer.json()["cameras"]}


@pytest.fixture
async def listed(tmp_path: Path, record_url: str) -> AsyncIterator[Chain]:
    async with running(tmp_path, options={"store-a": LISTED}, record_url=record_url) as chain:
        yield chain


async def test_a_camera_is_shown_when_it_is_listed_and_when_it_is_seen(listed: Chain) -> None:
    before = await cameras(listed)
    assert list(before) == ["store-a/door", "store-a/till"]
    assert before["store-a/door"]["hints"] == ["NEVER_SEEN"]

    await listed.recognize("store-a", ANNA, camera="door", mint=False)
    await listed.recognize("store-b", camera="yard")
    await listed.recognize("store-a", mint=False)

    found = await cameras(listed)
    assert list(found) == ["store-a/door", "store-a/till", "store-a/", "store-b/yard"]
    door, nameless, yard = (found[n] for n in ("store-a/door", "store-a/", "store-b/yard"))
    assert (door["name"], door["listed"], door["silent_after_seconds"]) == ("Front door", True, 600)
    assert (door["frames"], door["faces"], door["empty"], door["empty_share"]) == (1, 1, 0, 0)
    assert door["hints"] == []
    assert (yard["name"], yard["listed"], yard["silent_after_seconds"]) == ("yard", False, 86400)
    assert (yard["frames"], yard["faces"], yard["empty_share"]) == (1, 0, 1)
    assert (nameless["frames"], nameless["listed"]) == (1, False)
    assert list(await cameras(listed, store="store-b")) == ["store-b/yard"]
    assert (await listed.http.get("/v1/cameras", params={"store": "x"})).status_code == 404


async def test_frames_faces_and_why_faces_are_unfit_are_counted(listed: Chain) -> None:
    shard = listed.shard("store-a")

    async def blurred(request: web.Request) -> web.StreamResponse:
        answer = await shard.recognize(request)
        assert isinstance(answer, web.Response)
        text = (answer.text or "").replace('"track": null', '"track": null, "unfit": "BLURRED"')
        return web.Response(text=text, content_type="application/json")

    shard.faults["/recognize"] = blurred
    for _ in range(3):
        await listed.recognize("store-a", BOB, (0, 0, 0, 1), camera="door", mint=False)

    door = (await cameras(listed))["store-a/door"]
    assert (door["frames"], door["faces"], door["hours"]) == (3, 6, 1)
    assert (door["frames_an_hour"], door["faces_an_hour"]) == (3, 6)
    assert door["unfit"]["BLURRED"] >= 3
    assert door["face_px"] > 0


async def test_a_clock_is_compared_with_the_arrival_of_the_fastest_frame(listed: Chain) -> None:
    for seconds in (-7200, 90, 30):
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        await listed.recognize("store-a", ANNA, camera="door", captured_at=at.isoformat())

    door = (await cameras(listed))["store-a/door"]
    assert 80 < door["clock_ahead_seconds"] <= 90
    assert "CLOCK" in door["hints"]
    assert door["taken_at"] is not None


async def test_what_is_refused_is_counted_with_its_code(listed: Chain) -> None:
    async def post(**query: str) -> int:
        answer = await listed.http.post(
            "/v1/stores/store-a/recognize", content=picture(ANNA), params=query
        )
        return answer.status_code

    assert await post(camera="door", captured_at="2020-01-01T00:00:00Z") == 422
    door = (await cameras(listed))["store-a/door"]
    assert (door["frames"], door["refused"], door["refusal"]) == (0, 1, "CAPTURED_TOO_LONG_AGO")
    assert door["hints"] == ["REFUSED"]


@pytest.mark.parametrize(
    ("headers", "agent"),
    [
        (
            {"X-Facegate-Agent": "facegate-camera/1.2 (pi)"},
            "facegate-camera/1.2 (pi)",
        ),
        ({"User-Agent": "facegate-camera/1.2"}, "facegate-camera/1.2"),
        ({"User-Agent": "curl/8"}, None),
        ({"X-Facegate-Agent": "x" * 101}, None),
        ({"X-Facegate-Agent": "\u00e9"}, None),
    ],
)
async def test_an_agent_is_shown_with_its_version(
    chain: Chain, headers: dict[str, str], agent: str | None
) -> None:
    answer = await chain.http.post(
        "/v1/stores/store-a/recognize?camera=door",
        content=picture(ANNA),
        headers={name: value.encode("latin-1") for name, value in headers.items()},  # type: ignore[arg-type]  # httpx takes bytes
    )
    assert answer.status_code == 200

    assert (await cameras(chain))["store-a/door"]["agent"] == agent


async def says(chain: Chain, status: str, path: str = "recognize?camera=door") -> Any:
    answer = await chain.http.post(
        f"/v1/stores/store-a/{path}",
        content=picture(ANNA),
        headers={"X-Facegate-Agent-Status": status},
    )
    assert answer.status_code == 200
    return (await cameras(chain))["store-a/door"]["agent_status"]


async def test_what_an_agent_says_of_itself_is_shown_until_it_says_something_else(
    chain: Chain,
) -> None:
    said = await says(chain, '{"frames": 120, "faces": 4, "bytes": 9, "problems": ["dark"]}')
    assert (said["frames"], said["faces"], said["problems"]) == (120, 4, ["dark"])
    assert "bytes" not in said

    later = await says(chain, '{"frames": 150, "spooled": 3}', "cameras/door/push")
    assert (later["frames"], later["spooled"], later["problems"]) == (150, 3, [])


@pytest.mark.parametrize(
    "status",
    [
        "frames=120",
        "[]",
        '{"frames": "120"}',
        '{"frames": -1}',
        '{"frames": 1e400}',
        '{"frames": 9007199254740992}',
        '{"problems": ["<b>"]}',
        json.dumps({"problems": ["dark"] * 11}),
        json.dumps({"frames": 120, "more": "x" * 1000}),
    ],
)
async def test_what_no_agent_says_is_passed_over(chain: Chain, status: str) -> None:
    assert await says(chain, status) is None


async def test_a_restart_forgets_no_camera_and_two_gateways_see_the_same(
    tmp_path: Path, record_url: str
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    async with running(tmp_path / "one", record_url=record_url) as chain:
        await says(chain, '{"frames": 120, "problems": ["dark"]}')
        before = await cameras(chain)
        assert before["store-a/door"]["agent_status"]["frames"] == 120
    async with running(tmp_path / "two", record_url=record_url) as chain:
        assert await cameras(chain) == before
        await chain.recognize("store-a", ANNA, camera="door")
        assert (await cameras(chain))["store-a/door"]["frames"] == 2


async def test_a_camera_that_is_gone_can_be_forgotten(listed: Chain) -> None:
    await listed.recognize("store-a", ANNA, camera="yard")
    url = "/v1/stores/store-a/cameras/yard"

    forgotten = [(await listed.http.delete(url)).json() for _ in range(2)]

    assert [answer["known"] for answer in forgotten] == [True, False]
    assert not forgotten[0]["listed"]
    assert list(await cameras(listed)) == ["store-a/door", "store-a/till"]
    await listed.recognize("store-a", ANNA, camera="yard")
    assert (await cameras(listed))["store-a/yard"]["frames"] == 1


async def test_what_a_camera_of_the_map_has_sent_can_be_forgotten_and_it_stays_listed(
    listed: Chain,
) -> None:
    await listed.recognize("store-a", ANNA, camera="door")

    answer = (await listed.http.delete("/v1/stores/store-a/cameras/door")).json()

    assert (answer["known"], answer["listed"]) == (True, True)
    door = (await cameras(listed))["store-a/door"]
    assert (door["frames"], door["hints"]) == (0, ["NEVER_SEEN"])


async def test_the_last_is_kept_when_a_gateway_ends(tmp_path: Path) -> None:
    async with running(tmp_path) as chain:
        await chain.recognize("store-a", ANNA, camera="door")
    async with running(tmp_path) as chain:
        assert "store-a/door" in await cameras(chain)
