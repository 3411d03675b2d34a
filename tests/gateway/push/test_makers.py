"""Each maker's events: a visit is counted at the time and of the track that the event tells."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.gateway.fake_chain import ANNA, STRANGER, Chain
from tests.gateway.push import bodies
from tests.gateway.push.bodies import Body, form_part, joined, json_body
from tests.gateway.push.camera_shard import counted, jpeg, push, pushed_to, shard_of, visits

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
SHOWN = bodies.without_zone(AT.astimezone(ZONE))
WITH_ZONE = AT.astimezone(ZONE).isoformat()
SECONDS = int(AT.timestamp())
AHEAD = 8 * 3600
"""What a clock in Shanghai shows, counted as seconds, is ahead by."""
CROP, SCENE, BOTH = jpeg(ANNA), jpeg(ANNA, size=900), jpeg(ANNA, STRANGER, size=900)
XML = form_part("MoveDetection.xml", bodies.hikvision_xml(SHOWN), "application/xml")
TIMED = [
    form_part("captured_at", WITH_ZONE.encode(), "text/plain"),
    form_part("track", b"1", "text/plain"),
]

EVENTS: dict[str, tuple[str, Body, str | None]] = {
    "hikvision faceCapture": ("hikvision", bodies.hikvision(WITH_ZONE, 7, CROP, SCENE), "1:7"),
    "hikvision faceSnapMatch": (
        "hikvision",
        bodies.hikvision(SHOWN, 7, CROP, SCENE, "faceSnapMatch"),
        "1:7",
    ),
    "hikvision XML": ("hikvision", joined("form-data", XML, form_part("p", SCENE)), None),
    "dahua lines": ("dahua", bodies.dahua(SECONDS, 55, SCENE), "0:55"),
    "dahua lines, by its clock": ("dahua", bodies.dahua(SECONDS + AHEAD, 55, SCENE), "0:55"),
    "dahua, two pictures in a part": ("dahua", bodies.dahua(SECONDS, 55, SCENE, CROP), "0:55"),
    "dahua JSON": ("dahua", bodies.dahua_json(SECONDS, 55, SCENE), "0:55"),
    "uniview": ("uniview", bodies.uniview(SECONDS, 9, CROP, SCENE), "1:9"),
    "uniview terminal": ("uniview", bodies.uniview_person(SECONDS, CROP, SCENE, jpeg()), None),
    "axis metadata": ("axis", bodies.axis_track(WITH_ZONE, "t-1", SCENE), "t-1"),
    "axis event": (
        "axis",
        joined(
            "form-data",
            form_part(
                "event", bodies.axis_event(SECONDS * 1000, "381").content, "application/json"
            ),
            form_part("picture", SCENE),
        ),
        "381",
    ),
    "onvif": ("onvif", bodies.onvif(AT.isoformat(), "12", SCENE), "vs0:12"),
    "one's own": ("other", joined("form-data", *TIMED, form_part("x", SCENE)), "1"),
    "one's own JSON": (
        "other",
        json_body({"timestamp": SECONDS, "track": "a", "image": bodies.in_base64(SCENE)}),
        "a",
    ),
}


@pytest.fixture
async def camera(tmp_path: Path) -> AsyncIterator[Chain]:
    async with pushed_to(tmp_path, timezone="Asia/Shanghai", visit_gap="1m") as chain:
        yield chain


async def moments(chain: Chain) -> list[datetime]:
    """Return when the visits of the last days began, by the hour."""
    query = {"by": "hour", "from": (AT - timedelta(days=1)).astimezone(ZONE).date().isoformat()}
    rows = (await chain.http.get("/v1/stores/store-a/traffic", params=query)).json()["rows"]
    return [datetime.fromisoformat(row["start"]) for row in rows for _ in range(row["pv"])]


@pytest.mark.parametrize("event", EVENTS)
async def test_an_event_is_a_visit_of_its_time_and_track(camera: Chain, event: str) -> None:
    maker, body, track = EVENTS[event]

    answer = await push(camera, body)

    assert answer.status_code == 200, answer.text
    assert await counted(camera, maker, "faces")
    assert await visits(camera) == (1, 1)
    [began] = await moments(camera)
    assert began.replace(tzinfo=None) == AT.astimezone(ZONE).replace(
        minute=0, second=0, tzinfo=None
    )
    assert shard_of(camera).tracks == [track]


@pytest.mark.parametrize("event", EVENTS)
async def test_an_event_that_is_sent_again_is_counted_once(camera: Chain, event: str) -> None:
    _, body, _ = EVENTS[event]

    first, second = [await push(camera, body) for _ in range(2)]

    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert len(shard_of(camera).pictures) == 1
    assert await visits(camera) == (1, 1)


async def test_another_event_of_the_same_picture_is_counted(camera: Chain) -> None:
    for minutes in (0, 30):
        at = (AT + timedelta(minutes=minutes)).isoformat()
        await push(camera, bodies.onvif(at, "12", SCENE))

    assert await visits(camera) == (2, 1)


async def test_the_face_of_the_track_is_looked_at_where_others_are_in_the_scene(
    camera: Chain,
) -> None:
    await push(camera, bodies.hikvision(WITH_ZONE, 7, CROP, BOTH))

    assert shard_of(camera).pictures == [CROP]


async def test_the_scene_is_looked_at_where_the_face_is_not_found_in_what_was_cut_out(
    camera: Chain,
) -> None:
    await push(camera, bodies.hikvision(WITH_ZONE, 7, jpeg(), BOTH))

    assert shard_of(camera).pictures == [jpeg(), BOTH]
    assert shard_of(camera).tracks == ["1:7", None]
    assert await visits(camera) == (2, 2)


@pytest.mark.parametrize("face", [0, 1, -1])
async def test_a_number_that_counts_no_tracks_joins_nobody(camera: Chain, face: int) -> None:
    await push(camera, bodies.hikvision(WITH_ZONE, face, CROP, SCENE))

    assert shard_of(camera).tracks == [None]


async def test_the_address_counts_for_more_than_the_event(camera: Chain) -> None:
    at = AT - timedelta(hours=2)

    await push(camera, EVENTS["onvif"][1], captured_at=at.isoformat(), track="mine")

    assert shard_of(camera).tracks == ["mine"]
    [began] = await moments(camera)
    assert began.hour == at.astimezone(ZONE).hour


@pytest.mark.parametrize("days", [-400, 400])
async def test_a_camera_whose_clock_is_wrong_is_counted_as_of_now(
    camera: Chain, days: int, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = (datetime.now(UTC) + timedelta(days=days)).isoformat()

    answer = await push(camera, bodies.hikvision(wrong, 7, CROP, SCENE))

    assert answer.text == "OK: 1 face\n"
    assert await visits(camera) == (1, 1)
    assert 'facegate_camera_clocks_doubted_total{store="store-a"} 1.0' in await camera.metrics()
    assert "the clock of 'door' is wrong" in caplog.text


async def test_uniview_is_answered_in_its_own_envelope(camera: Chain) -> None:
    answer = await push(camera, EVENTS["uniview"][1])

    assert answer.json()["Response"] == {
        "ResponseURL": "/v1/stores/store-a/cameras/door/push",
        "StatusCode": 0,
        "StatusString": "Succeed",
        "Data": {"RecordID": 7},
    }


async def test_a_key_by_hand_belongs_to_one_picture(camera: Chain) -> None:
    one, other = Body("image/jpeg", SCENE), Body("image/jpeg", CROP)

    first, again = [await push(camera, one, frame="12") for _ in range(2)]
    reused = await push(camera, other, frame="12")

    assert (first.status_code, again.status_code) == (200, 200)
    assert (reused.status_code, reused.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert len(shard_of(camera).pictures) == 1


async def test_what_brings_no_picture_shows_that_the_camera_is_there(camera: Chain) -> None:
    await push(camera, Body("application/xml", bodies.hikvision_xml(SHOWN)))

    [door] = (await camera.http.get("/v1/cameras")).json()["cameras"]
    assert (door["camera"], door["frames"], door["last_at"] is None) == ("door", 0, False)


async def test_only_whole_pictures_are_turned_as_the_map_says(tmp_path: Path) -> None:
    options = {"cameras": {"door": {"rotate": 90}}}
    async with pushed_to(tmp_path, **options) as chain:
        await push(chain, bodies.hikvision(WITH_ZONE, 7, CROP, SCENE))
        await push(chain, Body("image/jpeg", SCENE))

        asked = shard_of(chain).asked("/recognize")
        assert [request.query.get("rotate", "0") for request in asked] == ["0", "90"]
