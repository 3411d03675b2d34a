"""What the gateway does by itself survives what ends it, and says so to whoever looks."""

import asyncio
import sqlite3
from typing import Any

from contract.stores.store_map import StoreMap
from gateway.chain.health import HealthChecks
from gateway.chain.replicas import Replicas
from gateway.chain.shard_client import ShardClient
from tests.gateway.fake_chain import Chain, until


async def test_no_store_to_check_leaves_the_event_loop_to_others() -> None:
    health = HealthChecks(Replicas(), ShardClient(), seconds=0.01)
    checking = asyncio.create_task(health.run(lambda: StoreMap({}, "none")))

    async with asyncio.timeout(60):
        for _ in range(5):
            await asyncio.sleep(0.01)

    assert not checking.done()
    checking.cancel()


async def work(chain: Chain, name: str) -> dict[str, Any]:
    [piece] = [w for w in (await chain.cluster())["background"] if w["name"] == name]
    return dict(piece)


def change_record(chain: Chain, statement: str) -> None:
    """Change the record as nothing that the gateway foresees does."""
    with sqlite3.connect(chain.path.parent / "gateway.sqlite", timeout=10) as record:
        record.execute(statement)
    record.close()


async def test_background_work_that_ended_is_shown_and_goes_on(chain: Chain) -> None:
    assert {w["name"] for w in (await chain.cluster())["background"]} >= {
        *("store map", "health checks", "live feed", "webhooks", "event pruning"),
        "orphaned galleries",
        *(
            "housekeeping",
            "clock",
            "orphaned galleries",
            "erasures",
            "decisions",
            "reconciliation",
            "retention",
        ),
    }
    change_record(chain, "INSERT INTO webhooks VALUES ('w', X'FF', '', NULL, 0)")
    try:
        await until(lambda: stopped(chain, "webhooks"))
        assert (await work(chain, "webhooks"))["last_error"] == "ValidationError; the log has more"
        # It is begun again each time, and ends: none of the three shows the same moment.
        ended = "has ended unexpectedly and waits to be begun again"
        await until(lambda: says(chain, "/cluster", ended))
        stopped_now = 'facegate_background_running{work="webhooks"} 0.0'
        await until(lambda: says(chain, "/metrics", stopped_now))
    finally:
        change_record(chain, "DELETE FROM webhooks")

    assert await says(chain, "/metrics", 'facegate_background_running{work="store map"} 1.0')
    assert await says(chain, "/metrics", 'facegate_background_failures_total{work="store map"} 0.0')
    await until(lambda: running(chain, "webhooks"))
    assert await says(chain, "/cluster", "it was begun again and goes on")
    assert (await work(chain, "store map"))["failures"] == 0


async def says(chain: Chain, path: str, text: str) -> bool:
    return text in (await chain.http.get(path)).text


async def stopped(chain: Chain, name: str) -> bool:
    return not await running(chain, name)


async def running(chain: Chain, name: str) -> bool:
    return bool((await work(chain, name))["running"])
