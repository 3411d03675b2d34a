"""A gateway served by uvicorn in this process, before fake shards on real sockets."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from gateway.app import create_app
from gateway.settings import GatewaySettings
from tests import plain_http
from tests.gateway.fakes import FakeShard, picture
from tests.new_database import put_record
from tests.pauses import pauses

ANNA, BOB, CARL, STRANGER, OTHER = (
    (1.0, 0.0, 0.0, 0.0),
    (0.0, 1.0, 0.0, 0.0),
    (0.0, 0.0, 1.0, 0.0),
    (0.0, 0.0, 0.0, 1.0),
    (0.0, 0.0, 0.0, -1.0),
)


@dataclass
class Chain:
    """Stores, their fake shards (the writer first), and the gateway before them."""

    path: Path
    stores: dict[str, list[FakeShard]]
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    http: httpx.AsyncClient = field(init=False)

    def shard(self, store: str) -> FakeShard:
        return self.stores[store][0]

    def map_text(self) -> str:
        stores = {
            store: {"shards": [shard.address for shard in shards], **self.options.get(store, {})}
            for store, shards in self.stores.items()
        }
        return json.dumps({"version": 1, "stores": stores})

    def write_map(self) -> None:
        self.path.write_text(self.map_text(), encoding="utf-8")

    async def recognize(self, store: str, *faces: Any, **query: Any) -> dict[str, Any]:
        answer = await self.http.post(
            f"/v1/stores/{store}/recognize", content=picture(*faces), params=query
        )
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def cluster(self) -> dict[str, Any]:
        body: dict[str, Any] = (await self.http.get("/v1/cluster")).json()
        return body

    async def healthy(self, store: str) -> bool:
        [found] = [s for s in (await self.cluster())["stores"] if s["store"] == store]
        return bool(found["healthy"])

    async def metrics(self) -> str:
        return (await self.http.get("/metrics")).text


def three_stores() -> dict[str, list[FakeShard]]:
    """Anna is a member of store-a, Bob of store-b, Carl of store-c."""
    a, b, c = FakeShard("store-a"), FakeShard("store-b"), FakeShard("store-c")
    a.member("anna", ANNA)
    b.member("bob", BOB)
    c.member("carl", CARL)
    return {shard.store: [shard] for shard in (a, b, c)}


@asynccontextmanager
async def running(
    folder: Path,
    stores: dict[str, list[FakeShard]] | None = None,
    options: dict[str, dict[str, Any]] | None = None,
    **settings: Any,
) -> AsyncIterator[Chain]:
    """Run a chain; health checks are rare, and all that waits is patient, unless a test asks.

    A busy machine is no shard that is down.
    """
    chain = Chain(folder / "stores.yaml", stores or three_stores(), options or {})
    async with AsyncExitStack() as stack:
        for shard in [shard for shards in chain.stores.values() for shard in shards]:
            await shard.start()
        stack.push_async_callback(_stop_shards, chain)
        chain.write_map()
        url = await stack.enter_async_context(served(chain.path, folder, **settings))
        chain.http = await stack.enter_async_context(plain_http.AsyncClient(base_url=url))
        yield chain


async def _stop_shards(chain: Chain) -> None:
    shards = [shard for shards in chain.stores.values() for shard in shards]
    await asyncio.gather(*(shard.stop() for shard in shards))


@asynccontextmanager
async def served(stores: Path, data: Path, **settings: Any) -> AsyncIterator[str]:
    """Serve a gateway, and yield its URL."""
    patient = {"health_seconds": 30, "request_seconds": 60, "track_quiet_seconds": 600}
    patient |= {"home_ms": 60_000, "fan_out_ms": 5000, "directory_ms": 5000}
    given = {"stores": stores, "data": data, **patient, **settings}
    if "record_url" not in settings:
        put_record(data)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app(GatewaySettings(**given)), log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    await until(lambda: server.started or serving.done())
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def until(holds: Callable[[], Any], seconds: float = 60) -> None:
    """Poll until `holds`, which may be asynchronous."""
    deadline = time.monotonic() + seconds
    for pause in pauses(0.02):
        result = holds()
        if asyncio.iscoroutine(result):
            result = await result
        if result:
            return
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(pause)
