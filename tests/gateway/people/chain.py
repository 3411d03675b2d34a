"""A gateway before real shards in this process, on real sockets; pictures are text."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from contract.stores.map_parser import load_store_map
from gateway.app import create_app as create_gateway
from gateway.settings import GatewaySettings
from shard.app import create_app as create_shard
from shard.served_stores import gallery_path
from shard.settings import ShardSettings
from tests import plain_http
from tests.gateway.fake_chain import until
from tests.new_database import put_gallery, put_record
from tests.ports import free_port
from tests.shard.fakes import FakeEncoder, picture_of


class Server:
    """One application on a port; it can be stopped and started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self, app: FastAPI) -> None:
        config = uvicorn.Config(
            app, host="127.0.0.1", port=self.port, log_config=None, timeout_graceful_shutdown=1
        )
        self._server = server = uvicorn.Server(config)
        self._serving = serving = asyncio.create_task(server.serve())
        await until(lambda: server.started or serving.done())
        assert server.started

    async def stop(self) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
            self._server = None


@dataclass
class Chain:
    """Stores `a`, `b` and `c`, each with a writer and as many replicas as `replicas` says."""

    folder: Path
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    replicas: dict[str, int] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    stores: tuple[str, ...] = ("a", "b", "c")
    encoders: dict[str, Callable[[], FakeEncoder]] = field(default_factory=dict)
    shards: dict[str, list[Server]] = field(default_factory=dict)
    gateway: Server = field(default_factory=Server)
    http: httpx.AsyncClient = field(init=False)

    @property
    def map(self) -> Path:
        return self.folder / "stores.yaml"

    def write_map(self) -> None:
        stores = {
            store: {
                "shards": [f"127.0.0.1:{server.port}" for server in self.shards[store]],
                **self.options.get(store, {}),
            }
            for store in self.stores
        }
        self.map.write_text(json.dumps({"version": 1, "stores": stores}), encoding="utf-8")

    async def start(self) -> None:
        for store in self.stores:
            servers = 1 + self.replicas.get(store, 0)
            self.shards[store] = [Server() for _ in range(servers)]
        self.write_map()
        for store in self.stores:
            await self.start_shard(store)
        await self.start_gateway()

    async def start_shard(self, store: str) -> None:
        """Start the writer of a store and its replicas, those that do not run."""
        home = load_store_map(self.map).store(store)
        for place, server in enumerate(self.shards[store]):
            given = ShardSettings(
                store=(store,), data=self.folder / "data", read_only=place > 0, encoder_workers=1
            )
            if place == 0:
                put_gallery(gallery_path(given, home))
            await server.start(create_shard(given, [home], self.encoders.get(store, FakeEncoder)()))

    async def start_gateway(self) -> None:
        patient = {"fan_out_ms": 30_000, "home_ms": 60_000, "request_seconds": 60}
        patient |= {"track_quiet_seconds": 600}
        if "record_url" not in self.settings:
            put_record(self.folder)
        given = {"data": self.folder, "health_seconds": 0.5, **patient, **self.settings}
        await self.gateway.start(create_gateway(GatewaySettings(stores=self.map, **given)))
        self.http = plain_http.AsyncClient(base_url=f"http://127.0.0.1:{self.gateway.port}")
        await until(self._all_asked)

    async def stop_gateway(self) -> None:
        await self.http.aclose()
        await self.gateway.stop()

    async def stop_shard(self, store: str) -> None:
        """Stop all shards of a store, and wait until the gateway has noticed."""
        for server in self.shards[store]:
            await server.stop()
        await until(lambda: self._healthy(store, False))

    async def stop(self) -> None:
        with contextlib.suppress(AttributeError):
            await self.stop_gateway()
        servers = [server for servers in self.shards.values() for server in servers]
        await asyncio.gather(*(server.stop() for server in servers))

    async def healthy(self, store: str) -> None:
        """Return once every replica of the store answers."""
        await until(lambda: self._healthy(store, True))

    async def _healthy(self, store: str, wanted: bool) -> bool:
        stores = (await self.http.get("/v1/cluster")).json()["stores"]
        [found] = [entry for entry in stores if entry["store"] == store]
        return all(replica["healthy"] == wanted for replica in found["replicas"])

    async def _all_asked(self) -> bool:
        """Say whether the gateway knows how every shard is."""
        stores = (await self.http.get("/v1/cluster")).json()["stores"]
        replicas = [replica for entry in stores for replica in entry["replicas"]]
        return all(replica["status"] or not replica["healthy"] for replica in replicas)

    async def call(self, method: str, path: str, status: int = 200, **given: Any) -> Any:
        """Send a request and return its JSON."""
        answer = await self.http.request(method, path, **given)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def refused(self, method: str, path: str, **given: Any) -> tuple[int, str]:
        answer = await self.http.request(method, path, **given)
        return answer.status_code, answer.json()["code"]

    async def enroll(self, store: str, person: int, face_id: str, **query: Any) -> dict[str, Any]:
        answer = await self.http.post(
            f"/v1/stores/{store}/faces",
            params={"face_id": face_id, **query},
            content=picture_of(person),
        )
        assert answer.status_code in {200, 201}, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def sees(self, store: str, person: int, **query: Any) -> dict[str, Any]:
        """Return the face of a person whom a camera of the store shows."""
        answer = await self.http.post(
            f"/v1/stores/{store}/recognize", params=query, content=picture_of(person)
        )
        assert answer.status_code == 200, answer.text
        face: dict[str, Any] = answer.json()["faces"][0]
        return face

    async def asked(self, store: str) -> None:
        """Return once the gateway asks the store's shard who somebody is."""

        async def complete() -> bool:
            query = {"mint": False, "visit": False}
            path = f"/v1/stores/{store}/recognize"
            body = await self.call("POST", path, params=query, content=b"faces 99")
            return store not in body["coverage"]["failed"]

        await until(complete)

    async def put_member(self, member_id: str, cross_store: bool, **draft: Any) -> dict[str, Any]:
        body = {"consent": {"cross_store": cross_store}, **draft}
        answer = await self.http.put(f"/v1/members/{member_id}", json=body)
        assert answer.status_code in {200, 201}, answer.text
        member: dict[str, Any] = answer.json()
        return member

    async def traffic(self, store: str | None = None) -> tuple[int, int]:
        """Return PV and UV of the last days."""
        path = f"/v1/stores/{store}/traffic" if store else "/v1/traffic"
        body = await self.call("GET", path, params={"from": "2026-01-01", "to": "2026-12-31"})
        return body["pv"], body["uv"]


@asynccontextmanager
async def running(folder: Path, **given: Any) -> AsyncIterator[Chain]:
    chain = Chain(folder, **given)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(chain.stop)
        await chain.start()
        yield chain


def everything_in(folder: Path) -> bytes:
    """Return what all files below a folder hold."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def vectors_set_aside(folder: Path) -> list[bytes]:
    """Return what the one gallery below a folder has set aside."""
    [file] = folder.rglob("gallery.sqlite3")
    with closing(sqlite3.connect(file)) as gallery:
        return [vector for (vector,) in gallery.execute("SELECT vector FROM set_aside")]
