"""A shard in this process, with the fake encoder; and galleries."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from contract.stores.store_map import Store
from scoring.score_scale import ScoreScale
from shard.app import create_app
from shard.gallery.gallery import Gallery
from shard.index.collection import Collection
from shard.served_stores import gallery_path
from shard.settings import ShardSettings
from tests.cluster.processes import Service
from tests.new_database import put_gallery
from tests.pauses import pauses
from tests.ports import free_port
from tests.shard.fakes import DIMENSION, MODEL, FakeEncoder, picture_of

StartShard = Callable[..., Awaitable["RunningShard"]]
RunShard = Callable[..., Service]


def store_of(
    name: str = "s", gallery: Path | None = None, options: Mapping[str, object] | None = None
) -> Store:
    given = {"id": name, "shards": ["127.0.0.1:5001"], "gallery": gallery}
    return Store.model_validate({**given, **(options or {})})


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    put_gallery(tmp_path / "gallery.sqlite3")
    gallery = Gallery.open(tmp_path / "gallery.sqlite3", "s")
    yield gallery
    gallery.close()


@pytest.fixture
def collection(gallery: Gallery) -> Collection:
    return Collection.load(gallery, MODEL, DIMENSION, ScoreScale.of_model(MODEL))


class RunningShard(httpx.AsyncClient):
    """A client of a shard whose lifespan is running until `stop`."""

    def __init__(self, app: FastAPI) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        super().__init__(transport=transport, base_url="http://shard")
        self._lifespan = AsyncExitStack()
        self._app = app

    async def start(self) -> None:
        """Enter the lifespan."""
        await self._lifespan.enter_async_context(self._app.router.lifespan_context(self._app))

    async def stop(self) -> None:
        """Leave the lifespan; a second time does nothing."""
        await self._lifespan.aclose()
        await self.aclose()


@pytest.fixture
async def start_shard(tmp_path: Path) -> AsyncIterator[StartShard]:
    """Start shards of the store `s` over one folder of data; all are stopped at the end."""
    async with AsyncExitStack() as running:

        async def start(
            encoder: FakeEncoder | None = None,
            gallery: Path | None = None,
            options: Mapping[str, object] | None = None,
            **settings: object,
        ) -> RunningShard:
            given = ShardSettings.model_validate(
                {"store": "s", "data": tmp_path / "data", "encoder_workers": 2, **settings}
            )
            store = store_of(gallery=gallery, options=options)
            if not given.read_only:
                put_gallery(gallery_path(given, store))
            app = create_app(given, [store], encoder or FakeEncoder())
            shard = RunningShard(app)
            running.push_async_callback(shard.stop)
            await shard.start()
            return shard

        yield start


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
async def shard(start_shard: StartShard, encoder: FakeEncoder) -> httpx.AsyncClient:
    """A ready shard with the encoder `encoder`."""
    client = await start_shard(encoder)
    await ready(client)
    return client


async def start_importing(
    start_shard: StartShard, folder: Path, encoder: FakeEncoder
) -> RunningShard:
    """Start a shard whose import of one picture, of `a`, waits at the encoder's gate."""
    encoder.gate.clear()
    shard = await start_shard(encoder, gallery=_with_one_picture(folder))
    await encoder.asked.wait()
    return shard


def _with_one_picture(folder: Path) -> Path:
    folder.mkdir()
    (folder / "a_0.jpg").write_bytes(picture_of(1))
    return folder


async def eventually(happened: Callable[[], Awaitable[bool]]) -> None:
    """Return as soon as `happened`; fail after a minute."""
    deadline = time.monotonic() + 60
    for pause in pauses(0.02):
        if await happened():
            return
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(pause)


async def ready(client: httpx.AsyncClient) -> None:
    """Return once the shard is ready."""

    async def is_ready() -> bool:
        return (await client.get("/readyz")).status_code == 200

    await eventually(is_ready)


@pytest.fixture
def run_shard(tmp_path: Path) -> Iterator[RunShard]:
    """Return a shard's process, not started; all are stopped at the end."""
    stores = tmp_path / "stores.yaml"
    stores.write_text("s: 127.0.0.1:5001", encoding="utf-8")
    made: list[Service] = []

    def make(data: Path = tmp_path / "data", **environment: str) -> Service:
        given = {
            "FACEGATE_STORES": str(stores),
            "FACEGATE_DATA": str(data),
            "FACEGATE_ENCODER_WORKERS": "1",
            **environment,
        }
        log = tmp_path / f"shard-{len(made)}.log"
        made.append(Service("shard", ["--store", "s"], free_port(), given, log))
        return made[-1]

    yield make
    for service in made:
        service.stop()
