"""Footfall over HTTP: ranges, time zones, JSON and CSV."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contract.deadline import Deadline
from contract.messages.message import Match
from contract.messages.traffic import RoamingAnswer, TrafficAnswer
from contract.stores.map_parser import load_store_map
from contract.stores.store_map import Store, StoreMap
from gateway.clock.store_clock import milliseconds
from gateway.footfall.traffic import FootfallQuery, Traffic
from gateway.record.database import Database
from gateway.record.visits.frame import Frame
from gateway.record.visits.frames import record_frame
from scoring.counting_rates import counting_table
from tests.gateway.fake_chain import ANNA, BOB, Chain, running
from tests.gateway.record.faces import face

NOW = datetime.now(UTC)
NOBODY = {"value": 0, "low": 0, "high": 0}


async def traffic(chain: Chain, store: str | None = "store-a", **query: Any) -> dict[str, Any]:
    path = f"/v1/stores/{store}/traffic" if store else "/v1/traffic"
    answer = await chain.http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    TrafficAnswer.model_validate(answer.json())
    body: dict[str, Any] = answer.json()
    return body


async def test_a_range_is_made_of_whole_buckets(chain: Chain) -> None:
    query = {"from": "2026-05-04T10:20", "to": "2026-05-06T09:00"}

    shown = {by: await traffic(chain, by=by, **query) for by in ("hour", "day", "week")}

    assert [(body["from"], body["to"]) for body in shown.values()] == [
        ("2026-05-04T10:00", "2026-05-06T09:00"),
        ("2026-05-04", "2026-05-07"),
        ("2026-05-04", "2026-05-11"),
    ]
    assert [len(body["rows"]) for body in shown.values()] == [47, 3, 1]
    assert shown["hour"]["rows"][0] == {
        "start": "2026-05-04T10:00",
        **dict.fromkeys(("pv", "uv", "new", "returning", "roaming", "members"), 0),
        "dwell_s": None,
        "faces_unfit": 0,
        **dict.fromkeys(("uv_estimate", "new_estimate", "returning_estimate"), NOBODY),
        "state": "whole",
    }


@pytest.mark.parametrize(("by", "rows"), [("hour", 24), ("day", 30), ("week", 12)])
async def test_without_a_range_it_ends_now(chain: Chain, by: str, rows: int) -> None:
    await chain.recognize("store-a", ANNA)

    body = await traffic(chain, by=by)

    assert (len(body["rows"]), body["rows"][-1]["pv"], body["pv"]) == (rows, 1, 1)


@pytest.mark.parametrize(
    "query",
    [
        {"from": "today"},
        {"to": "2026-05-32"},
        {"from": "2026-05-04", "to": "2026-05-04"},
        {"from": "2026-05-05", "to": "2026-05-04"},
        {"from": "2020-01-01", "to": "2026-01-01", "by": "hour"},
        {"from": "0001-01-01T00:00:00+14:00"},
        {"to": "0001-01-01"},
        {"to": "9999-12-31T23:59:59"},
        {"to": "9999-12-31", "by": "week", "format": "csv"},
        {"from": "2026-W19", "to": "2026-W20"},
    ],
)
async def test_a_range_that_makes_no_sense_is_refused(chain: Chain, query: dict[str, str]) -> None:
    paths = ["/v1/stores/store-a/traffic", "/v1/traffic"]
    if query.get("by") != "hour":  # the matrix has no buckets
        paths.append("/v1/traffic/roaming")
    for path in paths:
        answer = await chain.http.get(path, params=query)

        assert (answer.status_code, answer.json()["code"]) == (400, "BAD_TIME")


async def test_a_visit_is_counted_on_the_day_that_its_store_has(tmp_path: Path) -> None:
    zones = {"store-a": "Pacific/Kiritimati", "store-b": "Pacific/Pago_Pago"}  # +14 h, −11 h
    options = {store: {"timezone": zone} for store, zone in zones.items()}
    moment = NOW.replace(hour=10, minute=30, second=0, microsecond=0) - timedelta(days=2)
    async with running(tmp_path, options=options) as chain:
        for store in zones:
            await chain.recognize(store, ANNA, captured_at=moment.isoformat())

        day = moment.date()
        span = {"from": str(day - timedelta(days=1)), "to": str(day + timedelta(days=2))}
        east, west, both = [
            [(row["start"], row["pv"]) for row in body["rows"] if row["pv"]]
            for body in [await traffic(chain, store, **span) for store in (*zones, None)]
        ]

        assert east == [(str(day + timedelta(days=1)), 1)]
        assert west == [(str(day - timedelta(days=1)), 1)]
        assert both == [*west, *east]
        assert (await traffic(chain, None, **span))["timezone"] is None
        assert (await traffic(chain, "store-a", **span))["timezone"] == zones["store-a"]


async def test_an_offset_in_the_range_is_understood(tmp_path: Path) -> None:
    options = {"store-a": {"timezone": "Asia/Shanghai"}}
    async with running(tmp_path, options=options) as chain:
        query = {"from": "2026-05-04T00:00:00Z", "to": "2026-05-04T01:00:00Z", "by": "hour"}

        assert (await traffic(chain, **query))["from"] == "2026-05-04T08:00"


async def test_tables_come_as_csv(chain: Chain) -> None:
    await chain.recognize("store-b", ANNA, BOB)
    url = "/v1/stores/store-b/traffic?by=week"

    by_query = await chain.http.get(f"{url}&format=csv")
    by_header = await chain.http.get(url, headers={"Accept": "text/csv"})

    assert by_query.text == by_header.text
    assert by_query.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = by_query.text.splitlines()
    assert lines[0] == (
        "start,pv,uv,new,returning,roaming,members,dwell_s,faces_unfit,"
        "uv_estimate,uv_low,uv_high,new_estimate,new_low,new_high,returning_estimate,returning_low,returning_high"
    )
    [counted] = [row for row in (await traffic(chain, "store-b", by="week"))["rows"] if row["pv"]]
    estimated = [counted[f"{name}_estimate"] for name in ("uv", "new", "returning")]
    cells = [f"{each[part]}" for each in estimated for part in ("value", "low", "high")]
    assert lines[-1].endswith(f",2,2,2,0,1,2,0.0,0,{','.join(cells)}")
    assert len(lines) == 13


async def test_the_matrix_says_where_roaming_visitors_come_from(chain: Chain) -> None:
    await chain.recognize("store-b", ANNA, BOB)
    await chain.recognize("store-c", ANNA)
    old = (NOW - timedelta(hours=3)).isoformat()
    await chain.recognize("store-c", ANNA, captured_at=old)
    url = "/v1/traffic/roaming"

    answer = RoamingAnswer.model_validate((await chain.http.get(url)).json())
    table = (await chain.http.get(url, params={"format": "csv"})).text

    assert [tuple(row.model_dump().values()) for row in answer.rows] == [
        ("store-b", "store-a", 1, 1),
        ("store-c", "store-a", 2, 1),
    ]
    assert table.splitlines() == [
        "store,home_store,visits,visitors",
        "store-b,store-a,1,1",
        "store-c,store-a,2,1",
    ]


async def test_an_empty_matrix_has_a_head(chain: Chain) -> None:
    answer = await chain.http.get("/v1/traffic/roaming", params={"format": "csv"})

    assert answer.text == "store,home_store,visits,visitors\r\n"


def at(text: str, zone: str) -> int:
    """Return the moment at which a clock in the zone shows a time."""
    return milliseconds(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


async def seen(database: Database, store: Store, *times: str) -> None:
    """Have somebody else come to the store at each of the times on its clock."""
    for time in times:
        when = at(time, store.timezone)
        frame = Frame(store.id, store.timezone, timedelta(minutes=30), when, when)
        await database.write(None, record_frame, frame, [face(f"{store.id} {time}", store.id)])


def map_of(folder: Path, **zones: str) -> StoreMap:
    stores = [f"{s}: {{shards: {s}:1, timezone: {zone}}}" for s, zone in zones.items()]
    path = folder / "stores.yaml"
    path.write_text(f"version: 1\nstores: {{{', '.join(stores)}}}", encoding="utf-8")
    return load_store_map(path)


async def test_a_day_under_way_is_compared_up_to_the_same_time(tmp_path: Path) -> None:
    """Summer time ends on 2026-10-25: a week is an hour longer, the clock on the wall decides."""
    stores = map_of(tmp_path, a="Europe/Berlin")
    store = stores.store("a")
    async with Database.at(None, tmp_path) as database:
        before = ("T09:00", "T15:10", "T15:30", "T18:00", "T19:00")
        await seen(database, store, *(f"2026-10-22{time}" for time in before))
        await seen(database, store, *(f"2026-10-29{time}" for time in ("T08:00", "T15:00")))
        traffic = Traffic(database, lambda: at("2026-10-29T15:20", "Europe/Berlin"))
        asked = FootfallQuery("hour", "2026-10-29", "2026-10-30", against=7)

        for answer in (
            await traffic.of_store(store, asked, Deadline(60)),
            await traffic.of_chain(stores, asked, Deadline(60)),
        ):
            assert (answer.so_far, answer.counted_until) == (True, "2026-10-29T15:20")
            assert answer.earlier is not None
            assert (answer.pv, answer.earlier.pv, answer.earlier.uv) == (2, 2, 2)
            assert (answer.earlier.from_, answer.earlier.to) == (
                "2026-10-22T00:00",
                "2026-10-23T00:00",
            )
            assert [row.state for row in answer.rows] == (
                ["whole"] * 15 + ["so far"] + ["to come"] * 8
            )
            assert sum(row.pv for row in answer.earlier.rows) == len(before)
            assert {row.state for row in answer.earlier.rows} == {"whole"}


async def test_a_week_under_way_is_compared_up_to_the_same_time(tmp_path: Path) -> None:
    store = map_of(tmp_path, a="Asia/Shanghai").store("a")
    async with Database.at(None, tmp_path) as database:
        await seen(database, store, "2026-05-05T12:00", "2026-05-06T10:00", "2026-05-06T11:00")
        await seen(database, store, "2026-05-11T12:00", "2026-05-13T09:00")
        traffic = Traffic(database, lambda: at("2026-05-13T10:30", "Asia/Shanghai"))

        days = FootfallQuery("day", "2026-05-07", "2026-05-14", against=7)
        week = FootfallQuery("week", "2026-05-11", "2026-05-13", against=7)

        for asked, states in ((days, ["whole"] * 6 + ["so far"]), (week, ["so far"])):
            answer = await traffic.of_store(store, asked, Deadline(60))
            assert answer.earlier is not None
            assert (answer.pv, answer.earlier.pv) == (2, 2)
            assert [row.state for row in answer.rows] == states


async def test_a_range_that_is_over_is_compared_as_a_whole(tmp_path: Path) -> None:
    store = map_of(tmp_path, a="Asia/Shanghai").store("a")
    async with Database.at(None, tmp_path) as database:
        await seen(database, store, "2026-05-05T12:00", "2026-05-05T23:59")
        traffic = Traffic(database, lambda: at("2026-05-13T00:00", "Asia/Shanghai"))

        asked = FootfallQuery("hour", "2026-05-12", "2026-05-13", against=7)
        answer = await traffic.of_store(store, asked, Deadline(60))

        assert (answer.so_far, answer.counted_until) == (False, None)
        assert answer.earlier is not None
        assert answer.earlier.pv == 2


async def test_every_store_of_a_chain_is_compared_by_its_own_clock(tmp_path: Path) -> None:
    stores = map_of(tmp_path, east="Asia/Tokyo", west="America/Los_Angeles")
    async with Database.at(None, tmp_path) as database:
        for name, times in (
            ("east", ("T09:00", "T11:00")),  # it is 10:00 there
            ("west", ("T17:00", "T19:00")),  # and 18:00 of the day before here
        ):
            await seen(database, stores.store(name), *(f"2026-05-05{time}" for time in times))
        traffic = Traffic(database, lambda: at("2026-05-13T10:00", "Asia/Tokyo"))

        asked = FootfallQuery("day", "2026-05-12", "2026-05-13", against=7)
        answer = await traffic.of_chain(stores, asked, Deadline(60))

        assert (answer.so_far, answer.counted_until) == (True, None)
        assert answer.earlier is not None
        assert answer.earlier.pv == 3  # the east's day was over


async def test_nothing_is_estimated_where_it_is_not_known_how_wrongly_is_counted(
    tmp_path: Path,
) -> None:
    stores = map_of(tmp_path, west="UTC", east="UTC")
    asked = FootfallQuery("day", "2026-05-12", "2026-05-13", against=7)
    async with Database.at(None, tmp_path) as database:
        for store in stores.stores.values():
            await seen(database, store, "2026-05-12T10:00")
        known = {"west": counting_table()}
        traffic = Traffic(database, counting=lambda store: known.get(store.id))

        west = await traffic.of_store(stores.store("west"), asked, Deadline(60))
        east = await traffic.of_store(stores.store("east"), asked, Deadline(60))
        chain = await traffic.of_chain(stores, asked, Deadline(60))

    assert west.uv_estimate is not None
    for answer in (east, chain):
        assert answer.uv > 0
        for counted in (answer, *answer.rows, answer.earlier):
            assert counted is not None
            assert counted.uv_estimate is counted.new_estimate is counted.returning_estimate is None


async def test_hours_to_come_are_empty_cells_of_the_table(chain: Chain) -> None:
    tomorrow = str(NOW.date() + timedelta(days=2))
    query = {"from": str(NOW.date()), "to": tomorrow, "by": "hour", "format": "csv"}

    table = (await chain.http.get("/v1/stores/store-a/traffic", params=query)).text.splitlines()

    assert table[-1].endswith("T23:00" + "," * 17)
    assert table[1].endswith("T00:00,0,0,0,0,0,0,,0,0,0,0,0,0,0,0,0,0")


@pytest.mark.parametrize(
    "query",
    [{"by": "week", "against": 3}, {"from": "0001-02-01", "to": "0001-02-02", "against": 60}],
)
async def test_what_cannot_be_compared_is_refused(chain: Chain, query: dict[str, Any]) -> None:
    answer = await chain.http.get("/v1/traffic", params=query)

    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_TIME")


async def comes(database: Database, face_id: str, *times: str) -> None:
    """Have the visitor with that FaceId come to store a at each of the times."""
    for place, time in enumerate(times):
        when = at(time, "UTC")
        frame = Frame("a", "UTC", timedelta(minutes=30), when, when)
        match: Match = "home" if place else "new"
        await database.write(None, record_frame, frame, [face(face_id, "a", match)])


async def test_every_count_of_visitors_has_an_estimate(tmp_path: Path) -> None:
    """60 came on three days; of 60 more, who seem to have come once, some are of those."""
    rates: dict[str, Any] = {"missed_visits": "10%", "confused_visitors": "1%"}
    stores = StoreMap({"a": Store(id="a", shards="h:1", **rates)}, "v")
    async with Database.at(None, tmp_path) as database:
        for one in range(60):
            days = (f"2026-05-0{day}T{9 + one % 9:02}:00" for day in (4, 5, 6))
            await comes(database, f"often-{one}", *days)
            await comes(database, f"once-{one}", f"2026-05-06T{9 + one % 9:02}:30")
        traffic = Traffic(database, lambda: at("2026-05-20T10:00", "UTC"))
        asked = FootfallQuery("day", "2026-05-05", "2026-05-07", against=1)
        of_store = await traffic.of_store(stores.store("a"), asked, Deadline(60))
        of_chain = await traffic.of_chain(stores, asked, Deadline(60))

    earlier = of_store.earlier
    assert earlier is not None
    for counted in (of_store, *of_store.rows, earlier, *earlier.rows):
        people, new, returning = (
            counted.uv_estimate,
            counted.new_estimate,
            counted.returning_estimate,
        )
        assert people is not None
        assert new is not None
        assert returning is not None
        assert min(counted.uv, 1) <= people.low <= people.value <= people.high <= counted.pv
        assert new.value + returning.value == new.low + returning.high == counted.pv
        assert new.high + returning.low == counted.pv
    assert (of_store.uv, of_store.new) == (120, 60)
    assert of_store.uv_estimate is not None
    assert of_store.new_estimate is not None
    assert of_store.uv_estimate.value < 120  # of 60 further visits some were missed
    assert of_store.new_estimate.value < 60  # of 180 visits some were of people missed
    assert of_chain.model_copy(update={"store": "a"}) == of_store


async def test_a_store_s_own_rates_stand_for_those_that_were_measured(tmp_path: Path) -> None:
    measured, own, never = (
        Store(id="a", shards="h:1", **rates)
        for rates in (
            {},
            {"missed_visits": "30%"},
            {"missed_visits": "0%", "confused_visitors": 0},
        )
    )
    async with Database.at(None, tmp_path) as database:
        for one in range(60):
            await comes(database, f"often-{one}", "2026-05-05T12:00", "2026-05-06T12:00")
            await comes(database, f"once-{one}", "2026-05-06T13:00")
        traffic = Traffic(database, lambda: at("2026-05-20T10:00", "UTC"))
        asked = FootfallQuery("week", "2026-05-04", "2026-05-11")
        found = [
            (await traffic.of_store(store, asked, Deadline(60))).uv_estimate
            for store in (measured, own, never)
        ]
        both = StoreMap({"a": own, "b": never.model_copy(update={"id": "b"})}, "v")
        of_chain = (await traffic.of_chain(both, asked, Deadline(60))).uv_estimate

    as_measured, as_said, as_counted = (each.value for each in found if each is not None)
    assert as_said < as_measured
    assert as_counted == 120
    assert of_chain is not None
    assert as_said < of_chain.value < as_counted
