"""Strangers whom nobody would know again: no FaceId, no visit, and they are counted as such."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Chain, running
from tests.gateway.receiver import Receiver
from tests.shard.fakes import picture_of


async def shows(chain: Chain, store: str, person: int, look: str, **query: Any) -> dict[str, Any]:
    """Return the face of a person who looks so to a camera of the store."""
    answer = await chain.call(
        "POST",
        f"/v1/stores/{store}/recognize",
        params=query,
        content=picture_of(person, take=look),
    )
    face: dict[str, Any] = answer["faces"][0]
    return face


async def footfall(chain: Chain, store: str | None = None, **query: Any) -> dict[str, Any]:
    path = f"/v1/stores/{store}/traffic" if store else "/v1/traffic"
    body: dict[str, Any] = await chain.call("GET", path, params=query)
    return body


async def test_a_stranger_nobody_would_know_again_makes_no_visit(chain: Chain) -> None:
    blurred = await shows(chain, "a", 1, "blurred")
    turned = await shows(chain, "b", 2, "turned")

    assert (blurred["match"], blurred["unfit"], blurred["face_id"]) == ("unknown", "BLURRED", None)
    assert (turned["match"], turned["unfit"], turned["visit"]) == ("unknown", "POSE", None)
    assert await chain.traffic() == (0, 0)
    assert (await chain.call("GET", "/v1/stores/a/faces"))["faces"] == []

    clear = await shows(chain, "a", 1, "")

    assert (clear["match"], clear["unfit"], clear["visit"]["new"]) == ("new", None, True)
    assert await chain.traffic() == (1, 1)


async def test_who_is_known_is_recognised_however_they_look(chain: Chain) -> None:
    await chain.put_member("m-1", cross_store=True)
    await chain.enroll("a", 1, "anna", member_id="m-1")

    at_home = await shows(chain, "a", 1, "blurred")
    elsewhere = await shows(chain, "b", 1, "turned")

    assert (at_home["match"], at_home["unfit"]) == ("home", None)
    assert (elsewhere["match"], elsewhere["unfit"]) == ("roaming", None)
    assert (await footfall(chain))["faces_unfit"] == 0


async def test_they_are_counted_by_store_and_hour(chain: Chain) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    at = {"captured_at": midnight.isoformat()}
    for person, store in ((1, "a"), (2, "a"), (1, "b")):
        await shows(chain, store, person, "blurred", **at)
    await shows(chain, "a", 3, "blurred", visit=False)

    day = {"from": midnight.date().isoformat(), "by": "hour"}
    in_a, everywhere = await footfall(chain, "a", **day), await footfall(chain, **day)

    assert (in_a["faces_unfit"], everywhere["faces_unfit"]) == (2, 3)
    first, *later = [row["faces_unfit"] for row in in_a["rows"]]  # up to the hour that it is
    assert (first, any(later)) == (2, False)
    table = await chain.http.get("/v1/stores/a/traffic", params={**day, "format": "csv"})
    names, midnights = (line.split(",") for line in table.text.splitlines()[:2])
    assert dict(zip(names, midnights, strict=True))["faces_unfit"] == "2"


async def test_the_same_frame_again_is_not_counted_again(chain: Chain) -> None:
    for _ in range(2):
        await shows(chain, "a", 1, "blurred", camera="door", frame="17")

    assert (await footfall(chain, "a"))["faces_unfit"] == 1


@pytest.mark.slow
async def test_a_store_may_count_them_as_visitors(tmp_path: Path) -> None:
    async with running(tmp_path, options={"a": {"count_unfit": True}}) as chain:
        face = await shows(chain, "a", 1, "blurred")

        assert (face["match"], face["unfit"], face["visit"]["new"]) == ("new", "BLURRED", True)
        assert await chain.traffic("a") == (1, 1)
        assert (await footfall(chain, "a"))["faces_unfit"] == 1
        assert (await chain.call("GET", "/v1/cluster"))["stores"][0]["options"][
            "count_unfit"
        ] is True


async def test_a_stand_in_for_home_says_so_too(chain: Chain) -> None:
    await chain.stop_shard("a")

    face = await shows(chain, "a", 1, "blurred")

    assert (face["match"], face["unfit"]) == ("unknown", "BLURRED")


@pytest.fixture
async def counting(tmp_path: Path) -> AsyncIterator[Chain]:
    """A chain whose store `a` counts tracks of people whom nobody would know again as visits."""
    async with running(tmp_path, options={"a": {"count_unfit": "visits"}}) as chain:
        yield chain


async def test_a_track_of_somebody_nobody_would_know_again_may_be_a_visit(counting: Chain) -> None:
    first = await shows(counting, "a", 1, "turned", camera="door", track="7")
    second = await shows(counting, "a", 1, "blurred", camera="door", track="7")
    other = await shows(counting, "a", 2, "blurred", camera="door", track="8")

    assert (first["match"], first["unfit"], first["face_id"]) == ("unknown", "POSE", None)
    assert (first["visit"]["new"], second["visit"]["new"]) == (True, False)
    assert first["visit"]["id"] == second["visit"]["id"] != other["visit"]["id"]
    assert await counting.traffic("a") == (2, 2)
    assert (await footfall(counting, "a"))["faces_unfit"] == 3
    assert (await counting.call("GET", "/v1/stores/a/faces"))["faces"] == []


async def test_who_is_seen_well_in_the_end_is_one_visit(counting: Chain) -> None:
    unfit = await shows(counting, "a", 1, "turned", camera="door", track="7")
    for look in ("0.01", "0.02", "0.03"):
        clear = await shows(counting, "a", 1, look, camera="door", track="7")

    assert clear["match"] in ("new", "home")
    assert clear["visit"]["id"] == unfit["visit"]["id"]
    assert await counting.traffic("a") == (1, 1)


async def test_a_member_who_is_seen_well_in_the_end_is_one_visit(counting: Chain) -> None:
    await counting.enroll("a", 1, "anna")
    earlier = await shows(counting, "a", 1, "", camera="door", track="6")
    unfit = await shows(counting, "a", 1, "turned 0.9", camera="door", track="7")
    for look in ("0.01", "0.02", "0.03"):
        later = await shows(counting, "a", 1, look, camera="door", track="7")

    assert (unfit["match"], unfit["unfit"], unfit["visit"]["new"]) == ("unknown", "POSE", True)
    assert (later["match"], later["visit"]["id"]) == ("home", earlier["visit"]["id"])
    assert await counting.traffic("a") == (1, 1)


async def test_an_unfit_face_of_a_track_that_was_recognised_is_no_other_visitor(
    counting: Chain,
) -> None:
    await counting.enroll("a", 1, "anna")
    known = await shows(counting, "a", 1, "", camera="door", track="7")
    await counting.stop_shard("a")
    await counting.start_shard("a")  # which has forgotten the track
    await counting.healthy("a")
    unfit = await shows(counting, "a", 9, "turned", camera="door", track="7")

    assert (known["match"], unfit["match"], unfit["unfit"]) == ("home", "unknown", "POSE")
    assert unfit["visit"]["id"] == known["visit"]["id"]
    assert await counting.traffic("a") == (1, 1)


async def test_without_a_track_nobody_says_whether_it_is_another_visit(counting: Chain) -> None:
    await shows(counting, "a", 1, "turned", camera="door")

    assert await counting.traffic("a") == (0, 0)
    assert (await footfall(counting, "a"))["faces_unfit"] == 1


async def test_exports_count_them(counting: Chain) -> None:
    for track in ("7", "8"):
        await shows(counting, "a", 1, "turned", camera="door", track=track)

    for path in ("/v1/stores/a/traffic", "/v1/traffic"):
        table = await counting.http.get(path, params={"format": "csv", "by": "day"})
        names, *rows = (line.split(",") for line in table.text.splitlines())
        today = dict(zip(names, rows[-1], strict=True))
        assert {name: today[name] for name in ("pv", "uv", "new", "faces_unfit")} == {
            "pv": "2",
            "uv": "2",
            "new": "2",
            "faces_unfit": "2",
        }


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    yield receiver
    await receiver.stop()


@pytest.mark.parametrize("person", [1, 5], ids=["a member", "a stranger"])
async def test_a_webhook_hears_of_them_when_they_are_somebody(
    tmp_path: Path, receiver: Receiver, person: int
) -> None:
    async with running(
        tmp_path,
        options={"a": {"count_unfit": "visits"}},
        settings={"webhook_hosts": receiver.host},
    ) as chain:
        await chain.enroll("a", 1, "anna")
        await chain.call("PUT", "/v1/webhooks/erp", status=200, json={"url": receiver.url})
        unfit = await shows(chain, "a", person, "turned 0.9", camera="door", track="7")
        other = await shows(chain, "a", 2, "", camera="door")
        for look in ("0.01", "0.02", "0.03"):
            seen = await shows(chain, "a", person, look, camera="door", track="7")
        await until(lambda: len(receiver.got) >= 2)

        opened = [
            event["data"]["card"]["visit"]
            for event in receiver.got
            if event["data"].get("change") == "opened"
        ]
        assert opened == [other["visit"]["id"], unfit["visit"]["id"]]
        assert seen["visit"]["id"] == unfit["visit"]["id"]


async def test_who_only_asks_counts_nobody(counting: Chain) -> None:
    await shows(counting, "a", 1, "turned", camera="door", track="7", mint=False)
    await shows(counting, "a", 1, "turned", camera="door", track="8", visit=False)

    assert await counting.traffic("a") == (0, 0)


async def test_other_stores_go_on_as_before(counting: Chain) -> None:
    await shows(counting, "b", 1, "turned", camera="door", track="7")

    assert await counting.traffic("b") == (0, 0)
