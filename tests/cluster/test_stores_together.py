"""Stores in one shard process behind a gateway: one request for all, and each by its own name."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contract.stores.map_parser import load_store_map
from contract.stores.store_map import Store
from gateway.app import create_app as create_gateway
from gateway.settings import GatewaySettings
from shard.app import create_app as create_shard
from shard.served_stores import gallery_path
from shard.settings import ShardSettings
from tests import plain_http
from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Server
from tests.new_database import put_gallery, put_record
from tests.shard.fakes import FakeEncoder, picture_of

TOGETHER = ("a", "b", "门店 C")


class Chain:
    """Three stores in one process, with a replica of it, and `home` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.map = folder / "stores.yaml"
        self.gateway, self.home, self.writer, self.reader = (Server() for _ in range(4))
        self.http = plain_http.AsyncClient(base_url=f"http://127.0.0.1:{self.gateway.port}")

    async def start(self, options: dict[str, dict[str, Any]], damaged: str | None = None) -> None:
        shared = [f"127.0.0.1:{server.port}" for server in (self.writer, self.reader)]
        stores = {name: {"shards": shared, **options.get(name, {})} for name in TOGETHER}
        stores["home"] = {"shards": [f"127.0.0.1:{self.home.port}"]}
        self.map.write_text(json.dumps({"version": 1, "stores": stores}), encoding="utf-8")
        await self._start_shard(self.home, ("home",), damaged=damaged)
        await self._start_shard(self.writer, TOGETHER, damaged=damaged)
        await self._start_shard(self.reader, TOGETHER, read_only=True)
        put_record(self.folder)
        given: dict[str, Any] = {"health_seconds": 0.5, "fan_out_ms": 30_000}
        await self.gateway.start(
            create_gateway(GatewaySettings(stores=self.map, data=self.folder, **given))
        )

    async def _start_shard(
        self,
        server: Server,
        names: tuple[str, ...],
        *,
        read_only: bool = False,
        damaged: str | None = None,
    ) -> None:
        settings = ShardSettings(
            store=names, data=self.folder / "data", read_only=read_only, encoder_workers=1
        )
        stores = [load_store_map(self.map).store(name) for name in names]
        for store in stores:
            self._put_gallery(gallery_path(settings, store), store, damaged)
        await server.start(create_shard(settings, stores, FakeEncoder()))

    def _put_gallery(self, path: Path, store: Store, damaged: str | None) -> None:
        if store.id == damaged:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)
        else:
            put_gallery(path)

    async def stop(self) -> None:
        await self.http.aclose()
        servers = [self.gateway, self.home, self.writer, self.reader]
        await asyncio.gather(*(server.stop() for server in servers))

    async def enroll(self, store: str, face_id: str, person: int) -> None:
        answer = await self.http.post(
            f"/v1/stores/{store}/faces",
            content=picture_of(person, take=face_id),
            params={"face_id": face_id, "cross_store": True},
        )
        assert answer.status_code == 201, answer.text

    async def recognize(self, person: int) -> dict[str, Any]:
        answer = await self.http.post(
            "/v1/stores/home/recognize", content=picture_of(person), params={"mint": False}
        )
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def healthy(self, *stores: str) -> None:
        """Return once all replicas of these stores serve them, and have their faces."""

        async def are_healthy() -> bool:
            found = (await self.http.get("/v1/cluster")).json()["stores"]
            replicas = [
                replica for each in found if each["store"] in stores for replica in each["replicas"]
            ]
            return all(
                replica["status"] and replica["healthy"] and replica["status"]["seq"] > 0
                for replica in replicas
            )

        await until(are_healthy)

    async def requests(self, server: Server, route: str) -> int:
        """Return how many requests of a route a shard has answered."""
        async with plain_http.AsyncClient() as client:
            text = (await client.get(f"http://127.0.0.1:{server.port}/metrics")).text
        pattern = rf'facegate_shard_requests_total{{[^}}]*route="{route}"[^}}]*}} (\S+)'
        return sum(int(float(count)) for count in re.findall(pattern, text))


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[Chain]:
    chain = Chain(tmp_path)
    yield chain
    await chain.stop()


async def filled(chain: Chain, *stores: str) -> None:
    for number, store in enumerate(("home", *TOGETHER)):
        if store in stores:
            await chain.enroll(store, f"f-{number}", number)
    await chain.healthy(*stores)


async def test_stores_of_one_process_are_asked_in_one_request(chain: Chain) -> None:
    await chain.start({})
    await filled(chain, "home", *TOGETHER)
    for number, store in enumerate(TOGETHER, 1):
        found = await chain.recognize(number)
        [face] = found["faces"]
        assert (face["match"], face["store"], face["face_id"]) == ("roaming", store, f"f-{number}")
        assert found["coverage"]["asked"] == 4
        assert found["coverage"]["failed"] == {}

    shards = (chain.writer, chain.reader)
    assert sum([await chain.requests(shard, "/search/together") for shard in shards]) == 3
    assert sum([await chain.requests(shard, "/search") for shard in shards]) == 0
    assert await chain.requests(chain.writer, "/statuses") > 0
    assert await chain.requests(chain.writer, "/status") == 0


async def test_a_damaged_store_and_one_that_may_not_be_asked_are_named_alone(chain: Chain) -> None:
    await chain.start({"a": {"cross_store": "nobody"}}, damaged="b")
    await filled(chain, "home", "门店 C")
    found = await chain.recognize(3)

    assert (found["faces"][0]["match"], found["faces"][0]["store"]) == ("roaming", "门店 C")
    assert found["coverage"] == {
        "asked": 3,
        "answered": 2,
        "failed": {"b": "unavailable"},
        "skipped": {"a": "cross_store: nobody"},
        "unawaited": [],
        "directory": None,
        "complete": False,
    }
    assert (await chain.recognize(9))["faces"][0]["match"] == "unknown"


async def test_a_replica_answers_for_all_stores_of_a_process_that_is_gone(chain: Chain) -> None:
    await chain.start({})
    await filled(chain, "home", *TOGETHER)
    await chain.writer.stop()
    for number, store in enumerate(TOGETHER, 1):
        found = await chain.recognize(number)
        assert found["faces"][0]["store"] == store
        assert found["coverage"]["complete"]
