"""Footfall over HTTP: ranges, time zones, JSON and CSV."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contract.messages import RoamingAnswer, TrafficAnswer
from tests.gateway.chain import ANNA, BOB, Chain, running

NOW = datetime.now(UTC)


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
    ],
)
async def test_a_range_that_makes_no_sense_is_refused(chain: Chain, query: dict[str, str]) -> None:
    for path in ("/v1/stores/store-a/traffic", "/v1/traffic"):
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
    assert lines[0] == "start,pv,uv,new,returning,roaming,members,dwell_s"
    assert lines[-1].endswith(",2,2,2,0,1,2,0.0")
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
