"""Strangers expire: from record, shard and index; what was counted stays counted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from contract.errors import StoreMapError
from contract.store_map import load_store_map
from gateway.care import Care
from gateway.clock import now
from gateway.fan_out import FanOut
from gateway.health import HealthChecks
from gateway.member_names import MemberNames
from gateway.metrics import Metrics
from gateway.record.database import Database
from gateway.replicas import Replicas
from gateway.routing import Router
from gateway.shard_client import ShardClient
from tests.gateway.chain import until
from tests.members.chain import Chain, everything_in, vectors_set_aside
from tests.shard.fakes import vector_of

DAY = timedelta(days=1) // timedelta(milliseconds=1)


@asynccontextmanager
async def care(chain: Chain, days: float) -> AsyncIterator[Care]:
    """Have people's data cared for `days` from now, while the gateway stands still."""
    await chain.stop_gateway()
    replicas, client = Replicas(), ShardClient()
    router = Router(replicas, HealthChecks(replicas, client, 1))
    stores = load_store_map(chain.map)
    async with Database.at(None, chain.folder) as database, client:
        yield Care.of(
            database,
            router,
            client,
            names=MemberNames(database),
            fan_out=FanOut(router, client, Metrics(), 1),
            replicas=replicas,
            current=lambda: stores,
            clock=lambda: now() + round(days * DAY),
        )
    await chain.start_gateway()


async def expire(chain: Chain, days: float) -> None:
    async with care(chain, days) as work:
        await work.retention.step()
        await work.erasures.step()


async def faces(chain: Chain, store: str) -> list[str]:
    listed = (await chain.call("GET", f"/v1/stores/{store}/faces"))["faces"]
    return [face["face_id"] for face in listed]


async def test_what_a_reconciliation_set_aside_is_kept_as_long_as_a_visitor(chain: Chain) -> None:
    gallery = chain.folder / "data" / "b"
    await chain.put_member("m-1", True, name="Anna")
    await chain.enrol("a", 1, "anna", member_id="m-1")
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


async def test_members_and_those_bound_to_them_stay(chain: Chain) -> None:
    await chain.enrol("a", 1, "named")
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

    async with care(chain, 31) as work:
        await work.retention.step()
    await chain.start_shard("a")
    async with care(chain, 31) as work:
        await work.erasures.step()

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
