"""A track is named when it is known: until then its visit is on disk, and its person pending."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.cohort import fuse
from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Chain, running
from tests.shard.fakes import picture_of, vector_of

TRACK = {"camera": "door", "track": "7"}
QUIET = 0.2
"""Seconds without a frame after which some of these tests have tracks named."""
POOR = "0.8"
"""A take of a person that does not pass for one that is clear; fused with such a one it does."""


@pytest.fixture
async def chain(slow: None, tmp_path: Path) -> AsyncIterator[Chain]:
    """Three stores with one real shard each, which wait for tracks as long as these tests take."""
    async with running(tmp_path) as chain:
        yield chain


async def sees(chain: Chain, person: int, take: str = "", **query: Any) -> dict[str, Any]:
    """Post the next frame of the one track to store a, and return its face."""
    answer = await chain.http.post(
        "/v1/stores/a/recognize",
        params={**TRACK, **query},
        content=picture_of(person, take=take),
    )
    assert answer.status_code == 200, answer.text
    [face] = answer.json()["faces"]
    found: dict[str, Any] = face
    return found


async def cards(chain: Chain) -> list[dict[str, Any]]:
    """Return who the till of store a shows."""
    present: list[dict[str, Any]] = (await chain.call("GET", "/v1/stores/a/present"))["visits"]
    return present


async def named(chain: Chain) -> list[dict[str, Any]]:
    """Return the till's cards once nobody is pending."""

    async def nobody_waits() -> bool:
        return all(card["match"] != "pending" for card in await cards(chain))

    await until(nobody_waits)
    return await cards(chain)


async def face_ids(chain: Chain) -> list[str]:
    """Return the FaceIds of store a."""
    listed = await chain.call("GET", "/v1/stores/a/faces")
    return [face["face_id"] for face in listed["faces"]]


def kept(chain: Chain) -> list[tuple[int, int]]:
    """Return the visits that wait in the record, with their numbers of frames."""
    with closing(sqlite3.connect(chain.folder / "gateway.sqlite")) as record:
        return record.execute("SELECT visit, frames FROM pending_visits").fetchall()


async def restarted(chain: Chain) -> None:
    """Return once the gateway, which does not run, has begun anew, long after the last frame."""
    with closing(sqlite3.connect(chain.folder / "gateway.sqlite")) as record, record:
        record.execute("UPDATE pending_visits SET due_at = 1")
    await chain.start_gateway()


def templates(folder: Path) -> list[np.ndarray]:
    """Return the vectors that the gallery of store a has."""
    with closing(sqlite3.connect(folder / "data" / "a" / "gallery.sqlite3")) as gallery:
        rows = gallery.execute("SELECT vector FROM templates").fetchall()
    return [np.frombuffer(vector, "<f4") for (vector,) in rows]


async def test_a_track_is_named_with_what_three_frames_show(chain: Chain) -> None:
    first = await sees(chain, 1)
    second = await sees(chain, 1, "0.2")

    assert (first["match"], first["face_id"], first["store"]) == ("pending", None, None)
    mark = first["visit"]
    assert mark == {"id": mark["id"], "new": True, "count": 1, "returning": False}
    assert (second["match"], second["visit"]) == ("pending", {**mark, "new": False})
    assert await face_ids(chain) == []
    assert await chain.traffic("a") == (1, 1)
    [card] = await cards(chain)
    assert (card["match"], card["face_id"], card["kind"]) == ("pending", None, "visitor")
    assert kept(chain) == [(int(mark["id"]), 2)]

    third = await sees(chain, 1, "0.3")

    assert (third["match"], third["visit"]["id"]) == ("new", mark["id"])
    assert await face_ids(chain) == [third["face_id"]]
    assert await chain.traffic("a") == await chain.traffic() == (1, 1)
    [card] = await cards(chain)
    assert (card["match"], card["face_id"]) == ("new", third["face_id"])
    [stored] = templates(chain.folder)
    shown = fuse([vector_of(1, shift) for shift in (0.0, 0.2, 0.3)])
    assert np.allclose(stored, shown, atol=1e-5)
    assert kept(chain) == []

    later = await sees(chain, 1, "0.1")
    assert (later["match"], later["face_id"]) == ("home", third["face_id"])


async def test_five_seconds_are_enough(chain: Chain) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=30)
    at = [(begun + timedelta(seconds=second)).isoformat() for second in (0, 4, 6)]

    faces = [
        await sees(chain, 1, take, captured_at=moment)
        for take, moment in zip(("", "0.1", "0.1"), at, strict=True)
    ]

    assert [face["match"] for face in faces] == ["pending", "pending", "new"]


async def test_whoever_is_no_track_or_a_whole_one_is_named_at_once(chain: Chain) -> None:
    single = await chain.sees("a", 1)
    whole = await chain.http.post(
        "/v1/stores/a/recognize",
        files=[
            ("image", ("1.jpg", picture_of(2))),
            ("image", ("2.jpg", picture_of(2, take="0.1"))),
        ],
    )
    uncounted = await sees(chain, 3, visit=False)
    beside = await chain.http.post("/v1/stores/a/recognize", params=TRACK, content=picture_of(4, 5))

    assert (single["match"], whole.json()["faces"][0]["match"]) == ("new", "new")
    assert uncounted["match"] == "new"
    assert [face["match"] for face in beside.json()["faces"]] == ["pending", "new"]
    assert (await sees(chain, 4, mint=False))["match"] == "unknown"


async def test_a_quiet_track_is_named_and_the_till_is_told(slow: None, tmp_path: Path) -> None:
    async with running(tmp_path, settings={"track_quiet_seconds": QUIET}) as chain:
        visit = (await sees(chain, 1))["visit"]["id"]

        [card] = await named(chain)

        assert card["visit"] == visit
        assert [card["face_id"]] == await face_ids(chain)
        assert (card["match"], card["home"], card["provisional"]) == ("new", "a", False)
        assert kept(chain) == []
        # Whoever has been away comes to be known: the track, and the person.
        assert (await sees(chain, 1, "0.1"))["face_id"] == card["face_id"]
        assert (await chain.sees("a", 1))["face_id"] == card["face_id"]
        assert await chain.traffic() == (1, 1)


async def test_a_restart_of_the_gateway_loses_no_track(slow: None, tmp_path: Path) -> None:
    async with running(tmp_path) as chain:
        visit = (await sees(chain, 1))["visit"]["id"]
        await sees(chain, 1, "0.2")
        await chain.stop_gateway()
        assert kept(chain) == [(int(visit), 2)]

        await restarted(chain)

        [card] = await named(chain)
        assert card["visit"] == visit
        [stored] = templates(tmp_path)
        assert np.allclose(stored, fuse([vector_of(1), vector_of(1, 0.2)]), atol=1e-5)


async def test_a_restart_of_the_shard_loses_nothing_of_a_track(slow: None, tmp_path: Path) -> None:
    async with running(tmp_path) as chain:
        visit = (await sees(chain, 1))["visit"]["id"]
        await sees(chain, 1, "0.2")
        await chain.stop_shard("a")
        await chain.start_shard("a")
        await chain.healthy("a")

        again = await sees(chain, 1, "0.1")

        assert (again["match"], again["visit"]["id"]) == ("pending", visit)
        assert again["track"]["frames"] == 1  # the shard has forgotten the track
        assert kept(chain) == [(int(visit), 2)]  # the record has not
        await sees(chain, 1, "0.2")
        assert (await sees(chain, 1, "0.3"))["match"] == "new"
        assert await chain.traffic() == (1, 1)


async def test_a_track_waits_for_a_shard_that_is_down(slow: None, tmp_path: Path) -> None:
    async with running(tmp_path) as chain:
        visit = (await sees(chain, 1))["visit"]["id"]
        await chain.stop_gateway()
        for server in chain.shards["a"]:
            await server.stop()
        await restarted(chain)
        assert [card["match"] for card in await cards(chain)] == ["pending"]
        assert await chain.traffic() == (1, 1)

        await chain.start_shard("a")

        [card] = await named(chain)
        assert (card["visit"], card["face_id"]) == (visit, *await face_ids(chain))


async def test_a_poor_first_frame_of_a_member_is_nobody_else(chain: Chain) -> None:
    await chain.put_member("m-1", True, name="Anna")
    await chain.enroll("a", 1, "anna", member_id="m-1")

    poor = await sees(chain, 1, POOR)
    clear = await sees(chain, 1)

    assert (poor["match"], clear["match"], clear["face_id"]) == ("pending", "home", "anna")
    assert clear["visit"] == {**poor["visit"], "new": False}
    assert clear["member"]["name"] == "Anna"
    assert await face_ids(chain) == ["anna"]
    assert await chain.traffic("a") == await chain.traffic() == (1, 1)
    [card] = await cards(chain)
    assert (card["visit"], card["member"]["name"]) == (poor["visit"]["id"], "Anna")
    trace = await chain.call("GET", "/v1/members/m-1/trace")
    assert [(visit["visit"], visit["match"]) for visit in trace["visits"]] == [
        (poor["visit"]["id"], "home")
    ]
    assert kept(chain) == []


async def test_a_pending_visit_joins_the_visit_under_way(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    known = await chain.sees("a", 1)
    poor = await sees(chain, 1, POOR)
    assert await chain.traffic("a") == (2, 2)
    position = (await chain.call("GET", "/v1/stores/a/present"))["position"]

    clear = await sees(chain, 1)

    assert clear["visit"]["id"] == known["visit"]["id"] != poor["visit"]["id"]
    assert await chain.traffic("a") == (1, 1)
    event = await told_next(chain, position)
    assert (event["change"], event["replaces"]) == ("revised", poor["visit"]["id"])
    assert event["card"]["visit"] == known["visit"]["id"]


async def told_next(chain: Chain, position: str) -> dict[str, Any]:
    """Return the first event about a visit that the till of store a is told after a position."""
    feed = chain.http.stream("GET", "/v1/stores/a/live", params={"after": position})
    async with feed as answer:
        name = ""
        async for line in answer.aiter_lines():
            key, _, value = line.partition(": ")
            name = value if key == "event" else name
            if key == "data" and name == "visit":
                event: dict[str, Any] = json.loads(value)
                return event
    raise AssertionError("nothing was told")


async def test_two_tracks_of_one_stranger_are_one_person(chain: Chain) -> None:
    for take in ("", "0.1", "0.2"):
        one = await sees(chain, 1, take)
    other = await sees(chain, 1, "0.1", track="8")

    assert (one["match"], other["match"]) == ("new", "home")
    assert other["visit"]["id"] == one["visit"]["id"]
    assert await chain.traffic() == (1, 1)


async def test_two_pending_tracks_of_one_stranger_become_one_person(
    slow: None, tmp_path: Path
) -> None:
    async with running(tmp_path) as chain:
        for track in ("7", "8"):
            assert (await sees(chain, 1, track=track))["match"] == "pending"
        assert await chain.traffic() == (2, 2)
        await chain.stop_gateway()
        await restarted(chain)

        [card] = await named(chain)
        assert await chain.traffic() == (1, 1)
        assert await face_ids(chain) == [card["face_id"]]


async def test_a_later_frame_may_be_anybody_but_the_tracks_own_face_id(chain: Chain) -> None:
    """Three poor frames make a FaceId; later ones are still most like it, but pass for Anna."""
    for take in ("0.8", "0.81", "0.82"):
        minted = await sees(chain, 1, take)
    assert minted["match"] == "new"
    await chain.enroll("a", 1, "anna")

    # What is needed follows how many FaceIds the gateway knows of: more frames than just enough.
    frames = [await sees(chain, 1, f"0.0{take}") for take in range(8)]

    assert (frames[-1]["match"], frames[-1]["face_id"]) == ("home", "anna")
    assert frames[-1]["candidates"] is None
    assert await chain.traffic() == (1, 1)
    both = await chain.http.post(
        "/v1/stores/a/recognize",
        params={**TRACK, "candidates": 1},
        content=picture_of(1),
    )
    assert len(both.json()["faces"][0]["candidates"]) == 1


@pytest.mark.parametrize("key", [{}, {"frame": "1"}])
async def test_a_frame_that_is_sent_again_counts_once(chain: Chain, key: dict[str, str]) -> None:
    at = (datetime.now(UTC) - timedelta(seconds=9)).isoformat()
    faces = [await sees(chain, 1, captured_at=at, **key) for _ in range(4)]

    assert {face["match"] for face in faces} == {"pending"}
    assert {face["track"]["frames"] for face in faces} == {1}
    if key:
        assert faces == faces[:1] * 4
    assert len({face["visit"]["id"] for face in faces}) == 1
    assert await chain.traffic() == (1, 1)


async def test_frames_may_come_late_and_in_any_order(chain: Chain) -> None:
    begun = datetime.now(UTC) - timedelta(hours=30)
    at = {second: (begun + timedelta(seconds=second)).isoformat() for second in (0, 1, 2)}

    second = await sees(chain, 1, "0.1", captured_at=at[2])
    first = await sees(chain, 1, captured_at=at[0])
    third = await sees(chain, 1, "0.2", captured_at=at[1])

    assert [face["match"] for face in (second, first, third)] == ["pending", "pending", "new"]
    assert len({face["visit"]["id"] for face in (first, second, third)}) == 1
    assert await chain.traffic() == (1, 1)


async def test_the_name_of_a_track_may_be_used_again(chain: Chain) -> None:
    """A camera that starts anew counts from one; the visit of the day before is not the same."""
    before = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    await sees(chain, 1, captured_at=before)
    await chain.stop_shard("a")
    await chain.start_shard("a")
    await chain.healthy("a")

    other = await sees(chain, 2)

    assert (other["match"], other["visit"]["new"]) == ("pending", True)
    assert len(kept(chain)) == 2
    assert await chain.traffic() == (2, 2)
