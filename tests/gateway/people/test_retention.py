"""Strangers expire: from record, shard and index; what was counted stays counted."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest

from contract.errors import StoreMapError
from contract.stores.map_parser import load_store_map
from gateway.chain.health import HealthChecks
from gateway.chain.replicas import Replicas
from gateway.chain.routing import Router
from gateway.chain.shard_client import ShardClient
from gateway.chain.shards import Shards
from gateway.clock.clock import now
from gateway.clock.steady_clock import SteadyClock
from gateway.metrics import GatewayMetrics
from gateway.people.people import People
from gateway.recognition.fan_out import FanOut
from gateway.recognition.member_names import MemberNames
from gateway.record.clock import last_reading
from gateway.record.database import Database
from tests.gateway.audit.told import tell_nobody
from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Chain, everything_in, vectors_set_aside
from tests.shard.fakes import vector_of

DAY = timedelta(days=1) // timedelta(milliseconds=1)


class Wall:
    """A clock on the wall, a monotonic one, and the steady clock that looks at both."""

    def __init__(self) -> None:
        self.ahead = 0
        self.up = 1000.0
        self.steady = SteadyClock(self, lambda: self.up)

    def __call__(self) -> int:
        return now() + self.ahead

    def stands(self, hours: float) -> None:
        """Let time pass on both clocks, with a look every minute."""
        for _ in range(round(hours * 60)):
            self.ahead += 60_000
            self.up += 60
            self.steady()


@asynccontextmanager
async def people(chain: Chain, days: float = 0, wall: Wall | None = None) -> AsyncIterator[People]:
    """Run the services about people `days` from now, while the gateway stands still.

    Or by a clock on the `wall`, as a gateway does that starts then.
    """
    await chain.stop_gateway()
    replicas, client = Replicas(), ShardClient()
    shards = Shards(Router(replicas, HealthChecks(replicas, client, 1)), client)
    stores = load_store_map(chain.map)

    def clock() -> int:
        return now() + round(days * DAY)

    async with Database.at(None, chain.folder) as database, client:
        if wall:
            wall.steady.resume(await database.read(None, last_reading))
        yield People.of(
            database,
            shards,
            names=MemberNames(database),
            fan_out=FanOut(shards, replicas, GatewayMetrics(), 1),
            replicas=replicas,
            current=lambda: stores,
            steady=wall.steady if wall else clock,
            tell=tell_nobody,
            clock=wall or clock,
        )
    await chain.start_gateway()


async def expire(chain: Chain, days: float) -> None:
    async with people(chain, days) as work:
        await work.retention.step()
        await work.erasure_delivery.step()


async def faces(chain: Chain, store: str) -> list[str]:
    listed = (await chain.call("GET", f"/v1/stores/{store}/faces"))["faces"]
    return [face["face_id"] for face in listed]


async def test_what_a_reconciliation_set_aside_is_kept_as_long_as_a_visitor(chain: Chain) -> None:
    gallery = chain.folder / "data" / "b"
    await chain.put_member("m-1", True, name="Anna")
    await chain.enroll("a", 1, "anna", member_id="m-1")
    await chain.stop_shard("a")
    visitor = (await chain.sees("b", 1))["face_id"]
    await chain.start_shard("a")
    await until(lambda: len(vectors_set_aside(gallery)) == 1)

    await expire(chain, 29)
    [vector] = vectors_set_aside(gallery)
    await expire(chain, 31)

    assert vectors_set_aside(gallery) == []
    assert vector not in everything_in(gallery)
    body = {"store": "a", "face_id": "anna"}
    await chain.call("POST", f"/v1/stores/b/faces/{visitor}/not", json=body)
    assert (await chain.sees("b", 1))["match"] == "roaming"  # nothing is left to know them by


async def test_a_visitor_not_seen_for_the_stores_time_is_erased(
    chain: Chain, tmp_path: Path
) -> None:
    visitor = (await chain.sees("a", 1))["face_id"]
    await chain.sees("a", 1)
    counted = await chain.traffic()
    await expire(chain, 29.9)
    assert await faces(chain, "a") == [visitor]

    await expire(chain, 30.1)

    assert await faces(chain, "a") == []
    assert await chain.traffic() == counted == (1, 1)
    assert (await chain.sees("a", 1, mint=False))["match"] == "unknown"
    files = everything_in(tmp_path)
    assert vector_of(1).tobytes() not in files
    assert visitor.encode() not in files


def known(chain: Chain) -> int:
    """Return how many FaceIds the record knows."""
    with closing(sqlite3.connect(chain.folder / "gateway.sqlite")) as record:
        count: int = record.execute("SELECT count(*) FROM identities").fetchone()[0]
        return count


async def test_a_clock_that_is_ahead_for_a_moment_erases_nobody(chain: Chain) -> None:
    visitor = (await chain.sees("a", 1))["face_id"]
    await chain.sees("b", 2, visit=False)  # whom the record has never seen
    wall = Wall()

    async with people(chain, wall=wall) as work:
        wall.ahead += 31 * DAY
        await work.retention.step()
        wall.stands(hours=1)
        await work.retention.step()
        wall.ahead -= 31 * DAY
        await work.retention.step()
        wall.stands(hours=24)
        await work.retention.step()
        await work.erasure_delivery.step()

    assert await faces(chain, "a") == [visitor]
    assert len(await faces(chain, "b")) == 1


async def test_visitors_expire_soon_after_a_month_without_power(chain: Chain) -> None:
    await chain.sees("a", 1)
    await chain.sees("b", 2, visit=False)
    wall = Wall()
    wall.ahead += 31 * DAY

    async with people(chain, wall=wall) as work:
        await work.retention.step()
        assert known(chain) == 1
        wall.stands(hours=6.1)
        await work.retention.step()
        assert known(chain) == 0
        await work.erasure_delivery.step()

    assert await faces(chain, "a") == await faces(chain, "b") == []


async def test_one_step_erases_a_hundred_of_a_small_store_at_most(chain: Chain) -> None:
    await chain.sees("a", 1)
    with closing(sqlite3.connect(chain.folder / "gateway.sqlite", timeout=10)) as record, record:
        for number in range(2, 150):
            record.execute("INSERT INTO persons VALUES (?, FALSE, FALSE)", (number,))
            seen = ("a", f"v-{number}", number, "visitor", False, 0, 0)
            record.execute("INSERT INTO identities VALUES (?, ?, ?, ?, ?, ?, ?)", seen)

    async with people(chain, 31) as work:
        await work.retention.step()
        assert known(chain) == 49
        await work.retention.step()
        assert known(chain) == 0


async def test_members_and_those_bound_to_them_stay(chain: Chain) -> None:
    await chain.enroll("a", 1, "named")
    visitor = (await chain.sees("a", 2))["face_id"]
    await chain.put_member("m-1", True)
    await chain.call("PUT", f"/v1/members/m-1/faces/a/{visitor}")

    await expire(chain, 400)

    assert await faces(chain, "a") == ["named", visitor]


async def test_stores_have_their_own_time(chain: Chain) -> None:
    chain.options = {"a": {"visitor_retention": "2d"}}
    chain.write_map()
    for store, person in (("a", 1), ("b", 2)):
        await chain.sees(store, person)

    await expire(chain, 3)

    assert await faces(chain, "a") == []
    assert len(await faces(chain, "b")) == 1


async def test_visitors_whom_the_record_never_saw_expire_by_their_age(chain: Chain) -> None:
    minted = await chain.sees("a", 1, visit=False)

    await expire(chain, 29)
    assert await faces(chain, "a") == [minted["face_id"]]
    await expire(chain, 31)
    assert await faces(chain, "a") == []


async def test_a_shard_that_is_down_gets_the_order_later(chain: Chain) -> None:
    await chain.sees("a", 1)
    await chain.stop_shard("a")

    async with people(chain, 31) as work:
        await work.retention.step()
    await chain.start_shard("a")
    async with people(chain, 31) as work:
        await work.erasure_delivery.step()

    await chain.healthy("a")
    assert await faces(chain, "a") == []


@pytest.mark.parametrize("option", ["0", "soon", "-1d", ""])
def test_a_time_that_is_none_is_refused(tmp_path: Path, option: str) -> None:
    path = tmp_path / "stores.yaml"
    path.write_text(
        f"version: 1\nstores: {{a: {{shards: ['h:1'], visitor_retention: '{option}'}}}}"
    )

    with pytest.raises(StoreMapError, match="visitor_retention"):
        load_store_map(path)
