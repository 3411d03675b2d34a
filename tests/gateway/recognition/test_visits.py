"""Cameras' frames become visits: opened, extended, revised, and counted by the store's clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway.fake_chain import ANNA, BOB, OTHER, STRANGER, Chain, running
from tests.gateway.fakes import FakeFace, picture, refuses

NOW = datetime.now(UTC).replace(microsecond=0)
MINUTE = timedelta(minutes=1)


async def seen(
    chain: Chain, store: str, who: Any, ago: timedelta, frames: int = 1, **query: Any
) -> dict[str, Any]:
    """Return the face of `who`, taken `ago`: of a track, one of so many `frames`."""
    track = {"id": query["track"], "frames": frames} if "track" in query else None
    chain.shard(store).track = track
    captured_at = (NOW - ago).isoformat()
    [face] = (await chain.recognize(store, who, captured_at=captured_at, **query))["faces"]
    found: dict[str, Any] = face
    return found


async def today(chain: Chain, store: str | None = None, **query: Any) -> dict[str, Any]:
    path = f"/v1/stores/{store}/traffic" if store else "/v1/traffic"
    params = {"from": (NOW - timedelta(days=8)).date().isoformat(), **query}
    answer = await chain.http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def counts(chain: Chain, store: str | None = None) -> tuple[int, int]:
    body = await today(chain, store)
    return body["pv"], body["uv"]


async def test_frames_within_the_gap_are_one_visit(chain: Chain) -> None:
    first = await seen(chain, "store-a", ANNA, 90 * MINUTE)
    second = await seen(chain, "store-a", ANNA, 61 * MINUTE)
    third = await seen(chain, "store-a", ANNA, 30 * MINUTE)

    one, two, three = first["visit"], second["visit"], third["visit"]
    assert one == {"id": one["id"], "new": True, "count": 1, "returning": False}
    assert two == {"id": one["id"], "new": False, "count": 1, "returning": False}
    assert three == {"id": three["id"], "new": True, "count": 2, "returning": True}
    assert three["id"] != one["id"]
    assert await counts(chain, "store-a") == (2, 1)


async def test_a_stores_own_gap_counts(tmp_path: Path) -> None:
    async with running(tmp_path, options={"store-a": {"visit_gap": "5m"}}) as chain:
        await seen(chain, "store-a", ANNA, 20 * MINUTE)
        await seen(chain, "store-a", ANNA, 10 * MINUTE)

        assert await counts(chain, "store-a") == (2, 1)


async def test_frames_out_of_order_give_the_same_visits(chain: Chain) -> None:
    await seen(chain, "store-a", ANNA, 70 * MINUTE)
    await seen(chain, "store-a", ANNA, 20 * MINUTE)
    assert await counts(chain, "store-a") == (2, 1)

    late = await seen(chain, "store-a", ANNA, 45 * MINUTE)

    assert late["visit"]["new"] is False
    assert await counts(chain, "store-a") == (1, 1)
    assert (await today(chain, "store-a"))["dwell_s"] == 50 * 60


async def test_a_frame_of_a_visit_before_the_first_makes_the_others_returning(chain: Chain) -> None:
    await seen(chain, "store-a", ANNA, 10 * MINUTE)

    first = await seen(chain, "store-a", ANNA, timedelta(days=3))

    assert first["visit"] | {"id": ""} == {"id": "", "new": True, "count": 2, "returning": False}
    body = await today(chain, "store-a")
    assert (body["new"], body["returning"]) == (1, 1)


async def test_every_kind_of_visitor_is_counted(chain: Chain) -> None:
    matches = [
        (await seen(chain, "store-a", ANNA, 50 * MINUTE))["match"],
        (await seen(chain, "store-a", BOB, 50 * MINUTE))["match"],
        (await seen(chain, "store-a", STRANGER, 50 * MINUTE))["match"],
        (await seen(chain, "store-b", BOB, 10 * MINUTE))["match"],
    ]

    assert matches == ["home", "roaming", "new", "home"]
    one, chained = await today(chain, "store-a"), await today(chain)
    wanted = ("pv", "uv", "new", "returning", "roaming", "members")
    assert [one[name] for name in wanted] == [3, 3, 3, 0, 1, 2]
    assert [chained[name] for name in wanted] == [4, 3, 3, 1, 1, 3]
    assert (one["store"], chained["store"]) == ("store-a", None)


async def test_who_has_no_face_id_is_no_visit(chain: Chain) -> None:
    unknown = await seen(chain, "store-a", STRANGER, MINUTE, mint=False)
    shown = await seen(chain, "store-a", ANNA, MINUTE, visit=False)

    assert (unknown["match"], unknown["visit"]) == ("unknown", None)
    assert (shown["match"], shown["visit"]) == ("home", None)
    assert await counts(chain) == (0, 0)


async def test_two_faces_taken_for_one_person_are_one_visit(chain: Chain) -> None:
    answer = await chain.recognize("store-a", ANNA, BOB, (0.99, 0.0, 0.0, 0.0))

    ids = [face["visit"]["id"] for face in answer["faces"]]
    assert ids[0] == ids[2] != ids[1]
    assert await counts(chain, "store-a") == (2, 2)


async def test_a_stranger_of_a_track_who_turns_out_to_be_known_was_never_another(
    chain: Chain,
) -> None:
    blurred = await seen(chain, "store-a", STRANGER, 3 * MINUTE, camera="door", track="7")
    clear = await seen(chain, "store-a", ANNA, 2 * MINUTE, camera="door", track="7")

    assert (blurred["match"], clear["match"]) == ("pending", "home")
    assert clear["visit"]["id"] == blurred["visit"]["id"]
    body = await today(chain, "store-a")
    assert (body["pv"], body["uv"], body["members"]) == (1, 1, 1)
    assert chain.shard("store-a").asked("/faces/mint") == []


async def test_a_face_id_that_a_track_was_given_too_early_is_the_members(chain: Chain) -> None:
    track = {"camera": "door", "track": "7"}
    blurred = await seen(chain, "store-a", STRANGER, 3 * MINUTE, frames=3, **track)
    clear = await seen(chain, "store-a", ANNA, 2 * MINUTE, frames=4, **track)

    assert (blurred["match"], clear["match"]) == ("new", "home")
    assert clear["visit"]["id"] == blurred["visit"]["id"]
    body = await today(chain, "store-a")
    assert (body["pv"], body["uv"], body["members"]) == (1, 1, 1)
    # The FaceId that was minted too early is the member's from now on.
    again = await seen(chain, "store-a", STRANGER, MINUTE)
    assert again["visit"]["id"] == clear["visit"]["id"]


async def test_a_track_waits_in_the_record_when_its_store_cannot_store_it(chain: Chain) -> None:
    chain.shard("store-a").faults["/faces/mint"] = refuses(507, "STORAGE_FULL")
    chain.shard("store-a").track = {"id": "7", "frames": 3}

    answer = await chain.recognize("store-a", STRANGER, camera="door", track="7")

    assert answer["coverage"]["failed"].keys() == {"store-a"}
    assert [face["match"] for face in answer["faces"]] == ["pending"]
    assert await counts(chain, "store-a") == (1, 1)


async def test_a_track_that_joins_a_visit_under_way_is_part_of_it(chain: Chain) -> None:
    known = await seen(chain, "store-a", ANNA, 9 * MINUTE)
    blurred = await seen(chain, "store-a", STRANGER, 3 * MINUTE, camera="door", track="7")
    clear = await seen(chain, "store-a", ANNA, 2 * MINUTE, camera="door", track="7")

    assert blurred["visit"]["id"] != known["visit"]["id"] == clear["visit"]["id"]
    assert await counts(chain, "store-a") == (1, 1)


async def test_a_track_corrects_who_was_known_but_was_not_the_one(chain: Chain) -> None:
    await seen(chain, "store-a", ANNA, timedelta(days=1))
    wrong = await seen(chain, "store-a", ANNA, 3 * MINUTE, camera="door", track="7")
    right = await seen(chain, "store-a", BOB, 2 * MINUTE, camera="door", track="7")

    assert wrong["visit"]["id"] == right["visit"]["id"]
    body = await today(chain, "store-a")
    assert (body["pv"], body["uv"], body["roaming"]) == (2, 2, 1)
    # Anna is still Anna.
    assert (await seen(chain, "store-a", ANNA, MINUTE))["visit"]["count"] == 2


async def test_tracks_of_two_cameras_are_two(chain: Chain) -> None:
    await seen(chain, "store-a", STRANGER, 3 * MINUTE, camera="door", track="7")
    await seen(chain, "store-a", ANNA, 2 * MINUTE, camera="till", track="7")

    assert await counts(chain, "store-a") == (2, 2)


async def test_a_provisional_face_id_is_a_visit_that_says_so(chain: Chain) -> None:
    await chain.shard("store-c").stop()

    stranger = await seen(chain, "store-a", OTHER, MINUTE)

    assert stranger["provisional"] is True
    assert await counts(chain, "store-a") == (1, 1)


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-05-04", "2026-05-04T09:30:00", "1760000000", "2026-13-04T09:30:00Z", ""],
)
async def test_a_time_that_is_none_is_refused(chain: Chain, text: str) -> None:
    answer = await post(chain, "store-a", captured_at=text)

    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_TIME")
    assert chain.shard("store-a").asked("/recognize") == []


async def test_a_frame_from_long_ago_is_refused(chain: Chain) -> None:
    answer = await post(chain, "store-a", captured_at=(NOW - timedelta(days=8)).isoformat())

    assert (answer.status_code, answer.json()["code"]) == (422, "CAPTURED_TOO_LONG_AGO")


@pytest.mark.parametrize(("ahead", "said"), [(30, False), (90, True), (10**9, True)])
async def test_a_clock_that_is_ahead_is_taken_as_now(chain: Chain, ahead: int, said: bool) -> None:
    captured_at = (datetime.now(UTC) + timedelta(seconds=ahead)).isoformat()

    answer = (await post(chain, "store-a", captured_at=captured_at)).json()

    counted = datetime.fromisoformat(answer["captured_at"])
    assert abs(counted - datetime.now(UTC)) < MINUTE
    assert answer["clock_ahead"] is said


async def test_times_may_have_any_offset_and_a_plus_that_was_not_encoded(chain: Chain) -> None:
    moment = (NOW - MINUTE).astimezone(tz=(NOW.astimezone().tzinfo))
    east = moment.astimezone(tz=_hours(8)).isoformat()
    url = f"/v1/stores/store-a/recognize?captured_at={east}"  # as curl would send it

    answer = (await chain.http.post(url, content=picture(ANNA))).json()

    assert datetime.fromisoformat(answer["captured_at"]) == moment


def _hours(number: int) -> Any:
    return datetime.fromisoformat(f"2026-01-01T00:00:00+{number:02}:00").tzinfo


async def test_a_record_that_cannot_be_written_is_no_answer(tmp_path: Path) -> None:
    async with running(tmp_path) as chain:
        await chain.http.get("/v1/traffic")
        # Whatever is in the file now is not the database that was opened.
        for name in ("gateway.sqlite-wal", "gateway.sqlite-shm", "gateway.sqlite"):
            (tmp_path / name).write_bytes(b"no database" * 1000)

        refused = await post(chain, "store-a")
        nobody = await chain.http.post("/v1/stores/store-a/recognize", content=picture())

        assert refused.json()["code"] == "STORAGE_UNAVAILABLE"
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert nobody.status_code == 200


async def post(chain: Chain, store: str, **query: Any) -> httpx.Response:
    url = f"/v1/stores/{store}/recognize"
    return await chain.http.post(url, content=picture(ANNA), params=query)


async def test_the_card_of_a_member_is_not_invented(chain: Chain) -> None:
    chain.shard("store-a").faces["anna"] = FakeFace(ANNA)

    assert (await seen(chain, "store-a", ANNA, MINUTE))["member"] is None
