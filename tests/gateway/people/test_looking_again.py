"""Visitors told apart from themselves are put together: PV stays, UV is restated, undoing sticks.

The stores here name somebody only when a picture is nearly the same; who looks again sees more.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contract.errors import ShardTimeout
from contract.messages.looking_again import AlikeVisitors
from contract.stores.daily_hours import DailyHours
from contract.stores.map_parser import parse_store_map
from gateway.chain.replicas import Replicas
from gateway.people.looking_again import LookingAgain
from tests.gateway.audit.told import tell_nobody
from tests.gateway.people.chain import Chain, everything_in, running
from tests.gateway.people.test_retention import people
from tests.shard.fakes import picture_of, vector_of

STRICT = 1e-8
HOUR = 3_600_000


@pytest.fixture
async def chain(slow: None, tmp_path: Path) -> AsyncIterator[Chain]:
    """Stores `a` and `b`, who let each other search for everybody, and `c`, for its members."""
    strict = {"threshold": STRICT, "same_visitor": STRICT}
    everyone = {**strict, "cross_store": "everyone"}
    options = {"a": everyone, "b": everyone, "c": strict}
    async with running(tmp_path, options=options) as chain:
        yield chain


async def comes(chain: Chain, store: str, person: int, take: float = 0.0) -> str:
    """Let a person walk into a store; return the FaceId. Other takes are not recognised."""
    path = f"/v1/stores/{store}/recognize"
    body = await chain.call("POST", path, content=picture_of(person, take=str(take)))
    return str(body["faces"][0]["face_id"])


async def comes_twice(chain: Chain, store: str, person: int) -> tuple[str, str]:
    """Let a person walk into a store twice, as two FaceIds."""
    first, second = await comes(chain, store, person), await comes(chain, store, person, 0.3)
    assert first != second
    return first, second


async def look(chain: Chain, **query: str) -> dict[str, Any]:
    report: dict[str, Any] = await chain.call("POST", "/v1/visitors/reconcile", params=query)
    return report


async def undo(chain: Chain, report: dict[str, Any]) -> None:
    [merged] = report["merged"]
    await chain.call("POST", f"/v1/faces/merge/{merged['merge']}/undo")


async def test_two_faceids_of_one_person_become_one(chain: Chain) -> None:
    first, second = await comes_twice(chain, "a", 1)
    await comes(chain, "a", 2)
    assert await chain.traffic("a") == (3, 3)

    report = await look(chain, store="a")

    [merged] = report["merged"]
    assert (merged["into"]["face_id"], merged["from"]["face_id"]) == (first, second)
    assert (report["stores"], report["visitors"], report["failed"]) == (["a"], 3, {})
    assert await chain.traffic("a") == (3, 2)
    assert await comes(chain, "a", 1, 0.15) == first  # by what both have seen
    assert await chain.refused("GET", f"/v1/stores/a/faces/{second}") == (404, "UNKNOWN_FACE")
    state = await chain.call("GET", f"/v1/faces/merge/{merged['merge']}")
    assert (state["cause"], state["pending"]) == ("alike", False)


async def test_a_second_look_has_nothing_to_do(chain: Chain) -> None:
    await comes_twice(chain, "a", 1)
    await look(chain)

    report = await look(chain)

    assert (report["visitors"], report["merged"], report["kept_apart"]) == (1, [], 0)
    assert report["stores"] == ["a", "b", "c"]


async def test_what_was_undone_is_not_merged_again(chain: Chain) -> None:
    _, second = await comes_twice(chain, "a", 1)

    await undo(chain, await look(chain))

    assert await chain.traffic("a") == (2, 2)
    assert await comes(chain, "a", 1, 0.3) == second
    report = await look(chain)
    assert (report["merged"], report["kept_apart"]) == ([], 1)
    assert await chain.traffic("a") == (2, 2)


async def test_who_was_told_apart_is_still_joined_with_others(chain: Chain) -> None:
    _, second = await comes_twice(chain, "a", 5)
    await undo(chain, await look(chain))
    third = await comes(chain, "a", 5, 0.55)

    [merged] = (await look(chain))["merged"]

    assert (merged["into"]["face_id"], merged["from"]["face_id"]) == (second, third)
    assert await chain.traffic("a") == (3, 2)


async def test_who_is_not_whom_stays_apart(chain: Chain) -> None:
    first, second = await comes_twice(chain, "a", 1)
    body = {"store": "a", "face_id": second}
    await chain.call("POST", f"/v1/stores/a/faces/{first}/not", json=body)

    assert (await look(chain))["merged"] == []
    assert await chain.traffic("a") == (2, 2)


async def test_a_member_is_not_touched(chain: Chain) -> None:
    await chain.put_member("m-1", True, name="Anna")
    await chain.enroll("a", 1, "anna", member_id="m-1")
    visitor = await comes(chain, "a", 1, 0.3)

    report = await look(chain)

    assert (report["visitors"], report["merged"]) == (1, [])
    assert (await chain.call("GET", f"/v1/stores/a/faces/{visitor}"))["kind"] == "visitor"


async def test_visitors_of_two_stores_are_one_person_where_both_let_everyone_be_found(
    chain: Chain,
) -> None:
    at_a, at_b = await comes(chain, "a", 5), await comes(chain, "b", 5, 0.3)
    at_c = await comes(chain, "c", 5, 0.55)
    assert await chain.traffic() == (3, 3)

    report = await look(chain)

    [merged] = report["merged"]
    assert {merged["into"]["face_id"], merged["from"]["face_id"]} == {at_a, at_b}
    assert await chain.traffic() == (3, 2)
    assert [await comes(chain, "a", 5), await comes(chain, "b", 5, 0.3)] == [at_a, at_b]
    assert await comes(chain, "c", 5, 0.55) == at_c
    again = await look(chain)
    assert (again["merged"], again["kept_apart"]) == ([], 0)
    await undo(chain, report)
    assert await chain.traffic() == (3, 3)
    assert (await look(chain))["merged"] == []


async def test_a_store_that_is_down_is_told_and_nothing_of_it_changes(chain: Chain) -> None:
    await comes_twice(chain, "a", 1)
    await comes_twice(chain, "b", 2)
    await chain.stop_shard("b")

    report = await look(chain)

    assert report["failed"] == {"b": "unavailable"}
    metrics = (await chain.http.get("/metrics")).text
    assert 'facegate_visitors_merged_total{store="a"} 1.0' in metrics
    assert 'facegate_look_failures_total{store="b"} 1.0' in metrics
    assert [merged["into"]["store"] for merged in report["merged"]] == ["a"]
    assert await chain.traffic("b") == (2, 2)
    await chain.start_shard("b")
    await chain.healthy("b")
    await chain.asked("b")
    assert [merged["into"]["store"] for merged in (await look(chain))["merged"]] == ["b"]
    assert await chain.traffic("b") == (2, 1)


async def test_erasing_the_faceid_erases_what_it_was_merged_from(
    chain: Chain, tmp_path: Path
) -> None:
    first, second = await comes_twice(chain, "a", 1)
    [merged] = (await look(chain))["merged"]

    await chain.call("DELETE", f"/v1/stores/a/faces/{first}")

    again = f"/v1/faces/merge/{merged['merge']}/undo"
    assert await chain.refused("POST", again) == (404, "NOT_FOUND")
    assert await comes(chain, "a", 1) not in {first, second}
    assert vector_of(1, 0.3).tobytes() not in everything_in(tmp_path)


async def test_who_was_merged_expires_as_one(chain: Chain, tmp_path: Path) -> None:
    await comes_twice(chain, "a", 1)
    await look(chain)
    counted = await chain.traffic("a")

    async with people(chain, days=31) as later:
        await later.retention.step()
        await later.erasure_delivery.step()

    assert await chain.traffic("a") == counted == (2, 1)
    stored = everything_in(tmp_path)
    assert [vector_of(1, take).tobytes() in stored for take in (0, 0.3)] == [False, False]


async def test_looks_at_the_same_time_merge_once(chain: Chain) -> None:
    await comes_twice(chain, "a", 1)

    reports = await asyncio.gather(look(chain), look(chain), look(chain, store="a"))

    assert sum(len(report["merged"]) for report in reports) == 1
    assert await chain.traffic("a") == (2, 1)


async def test_tills_show_one_person_afterwards(chain: Chain) -> None:
    await comes_twice(chain, "a", 1)
    before = await chain.call("GET", "/v1/stores/a/present")

    await look(chain)

    after = await chain.call("GET", "/v1/stores/a/present")
    assert [len(shown["visits"]) for shown in (before, after)] == [2, 1]
    assert after["position"] != before["position"]  # so the feed has told of it


async def test_a_store_that_there_is_not_is_refused(chain: Chain) -> None:
    query = {"store": "nowhere"}

    refused = await chain.refused("POST", "/v1/visitors/reconcile", params=query)

    assert refused == (404, "UNKNOWN_STORE")


class Night:
    """Shards whose visitors are all different, a record that need not be asked, and a clock."""

    def __init__(self, quiet_hours: str) -> None:
        text = b'{"version": 1, "stores": {"x": {"shards": ["h:1"], "timezone": "Asia/Shanghai"}}}'
        stores = parse_store_map(text, Path("stores.yaml"))
        self.asked = 0
        self.fails = False
        self.at = 0
        self.job = LookingAgain(
            None,  # type: ignore[arg-type] # nobody is merged
            self,  # type: ignore[arg-type]
            self,  # type: ignore[arg-type]
            fan_out=None,  # type: ignore[arg-type] # no store lets everyone be found
            replicas=Replicas(),
            current=lambda: stores,
            tell=tell_nobody,
            quiet_hours=DailyHours.parse(quiet_hours) if quiet_hours else None,
            looked=lambda report: None,
            clock=lambda: self.at,
        )

    async def write(self, *_: Any) -> AlikeVisitors:
        self.asked += 1
        if self.fails:
            raise ShardTimeout()
        return AlikeVisitors(store="x", visitors=0, limit=2.4, groups=[], divided=[])

    async def deliver(self, stores: set[str]) -> None:
        assert not stores

    async def asked_at(self, hour: float) -> int:
        """Let the job have a step at this hour of the store's clock; return how often it asked."""
        before = self.asked
        self.at = 1_790_000_000_000 // (24 * HOUR) * 24 * HOUR + round((hour - 8) * HOUR)
        await self.job.step()
        return self.asked - before


async def test_every_store_is_looked_at_once_in_its_own_quiet_hours() -> None:
    night = Night("03:00-05:00")

    asked = [await night.asked_at(hour) for hour in (2.9, 3, 3.1, 4.9, 5, 12, 26.9, 27, 28)]

    assert asked == [0, 1, 0, 0, 0, 0, 0, 1, 0]


async def test_a_look_that_failed_is_made_again() -> None:
    night = Night("03:00-05:00")
    night.fails = True
    assert await night.asked_at(3) == 1
    night.fails = False

    assert [await night.asked_at(hour) for hour in (3.1, 3.2)] == [1, 0]


async def test_without_quiet_hours_nobody_is_looked_at_by_itself() -> None:
    night = Night("")

    assert [await night.asked_at(hour) for hour in range(24)] == [0] * 24
