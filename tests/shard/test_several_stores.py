"""Several stores in one shard process: each by itself, whatever happens to the others."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.stores.store_header import header_of
from contract.vectors import MODEL_HEADER, to_text
from shard.app import create_app
from shard.index.collection import Collection
from shard.served_stores import gallery_path
from shard.settings import ShardSettings
from tests.new_database import put_gallery
from tests.shard.conftest import RunningShard, eventually, store_of
from tests.shard.fakes import MODEL, FakeEncoder, picture_of, vector_of

NAMES = ["east", "门店 B", "west"]
Start = Callable[..., Awaitable["Shard"]]


class Shard:
    """A running process of several stores."""

    def __init__(self, client: RunningShard) -> None:
        self.client = client

    async def ask(self, store: str, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request about one store."""
        headers = {**header_of(store), **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)

    async def ready(self, *stores: str) -> None:
        """Return once these stores are ready."""

        async def are_ready() -> bool:
            answers = [await self.ask(store, "GET", "/readyz") for store in stores]
            return all(answer.status_code == 200 for answer in answers)

        await eventually(are_ready)

    async def enroll(self, store: str, face_id: str, person: int) -> httpx.Response:
        picture = picture_of(person, take=store)
        query = {"face_id": face_id, "member_id": f"m-{face_id}", "cross_store": "true"}
        return await self.ask(store, "POST", "/faces", content=picture, params=query)

    async def recognize(self, store: str, person: int) -> str | None:
        answer = await self.ask(store, "POST", "/recognize", content=picture_of(person))
        assert answer.status_code == 200, answer.text
        found: str | None = answer.json()["result"]
        return found


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Start a process of several stores over one folder of data."""
    async with AsyncExitStack() as running:

        async def start(
            folders: dict[str, Path] | None = None,
            encoder: FakeEncoder | None = None,
            **settings: object,
        ) -> Shard:
            given = ShardSettings.model_validate(
                {"store": NAMES, "data": tmp_path / "data", "encoder_workers": 2, **settings}
            )
            stores = [store_of(name, (folders or {}).get(name)) for name in NAMES]
            for store in stores:
                put_gallery(gallery_path(given, store))
            client = RunningShard(create_app(given, stores, encoder or FakeEncoder()))
            running.push_async_callback(client.stop)
            await client.start()
            return Shard(client)

        yield start


async def test_each_store_knows_its_own_faces_and_no_others(start: Start) -> None:
    shard = await start()
    await shard.ready(*NAMES)
    for number, store in enumerate(NAMES):
        assert (await shard.enroll(store, f"f-{number}", number)).status_code == 201

    for number, store in enumerate(NAMES):
        assert await shard.recognize(store, number) == f"f-{number}"
        assert await shard.recognize(store, number + 1) is None
        listed = (await shard.ask(store, "GET", "/faces")).json()["faces"]
        assert [face["face_id"] for face in listed] == [f"f-{number}"]
        assert (await shard.ask(store, "GET", "/status")).json()["store"] == store


async def test_the_garbage_collector_leaves_loaded_stores_alone(start: Start) -> None:
    """It would walk all of them again and again, and no request is answered meanwhile."""
    shard = await start()
    await shard.ready(*NAMES)

    async def are_exempt() -> bool:  # what is exempt is not listed
        return not any(isinstance(each, Collection) for each in gc.get_objects())

    await eventually(are_exempt)


async def test_a_request_says_which_store_it_is_about(start: Start) -> None:
    shard = await start()
    await shard.ready(*NAMES)
    nobody = await shard.client.post("/recognize", content=picture_of(1))
    unknown = await shard.ask("north", "POST", "/recognize", content=picture_of(1))
    searched = await shard.ask(
        "north", "POST", "/search", content=vector_of(1).tobytes(), headers={MODEL_HEADER: MODEL}
    )

    assert (nobody.status_code, nobody.json()["code"]) == (400, "BAD_REQUEST")
    assert "X-Facegate-Store" in nobody.json()["detail"]
    for answer in (unknown, searched):
        assert (answer.status_code, answer.json()["code"]) == (404, "UNKNOWN_STORE")


async def test_a_process_of_one_store_needs_no_name_and_takes_no_other(shard: RunningShard) -> None:
    unnamed = await shard.get("/status")
    other = await shard.get("/status", headers=header_of("west"))

    assert unnamed.json()["store"] == "s"
    assert (other.status_code, other.json()["code"]) == (404, "UNKNOWN_STORE")


async def test_how_all_stores_are_is_one_question(start: Start) -> None:
    shard = await start()
    await shard.ready(*NAMES)
    await shard.enroll("west", "f", 1)
    statuses = (await shard.client.get("/statuses")).json()["stores"]
    metrics = (await shard.client.get("/metrics")).text

    assert [status["store"] for status in statuses] == NAMES
    assert [status["counts"]["faces"] for status in statuses] == [0, 0, 1]
    assert 'facegate_shard_faces{store="west"} 1.0' in metrics
    assert 'facegate_shard_faces{store="门店 B"} 0.0' in metrics


async def test_one_search_in_several_stores_names_those_that_cannot_be_searched(
    start: Start,
) -> None:
    shard = await start()
    await shard.ready(*NAMES)
    await shard.enroll("west", "f", 1)
    asked = {"k": 1, "scope": "members", "rate": 0.01, "visitor_rate": 0.01, "templates": 1}
    order = {
        **asked,
        "stores": [*NAMES, "north"],
        "model": MODEL,
        "vectors": to_text(vector_of(1)),
        "frames": [1],
    }
    found = (await shard.client.post("/search/together", json=order)).json()
    another = await shard.client.post("/search/together", json={**order, "model": "another"})
    absurd = await shard.client.post("/search/together", json={**order, "frames": [10**400]})
    uneven = await shard.client.post("/search/together", json={**order, "frames": [1, 1]})

    [answer] = found["answers"]
    assert (answer["store"], answer["results"][0][0]["face_id"]) == ("west", "f")
    assert (found["others"], found["failed"]) == (["east", "门店 B"], {"north": "UNKNOWN_STORE"})
    assert set(another.json()["failed"].values()) == {"MODEL_MISMATCH", "UNKNOWN_STORE"}
    assert (absurd.status_code, uneven.status_code) == (422, 400)


async def test_a_damaged_gallery_is_one_store_s_trouble(start: Start, tmp_path: Path) -> None:
    damaged = gallery_path(ShardSettings(store=("east",), data=tmp_path / "data"), store_of("east"))
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)
    shard = await start()
    await shard.ready("门店 B", "west")
    await shard.enroll("west", "f", 1)

    async def is_told() -> bool:
        return (await shard.ask("east", "GET", "/status")).json()["problem"] is not None

    await eventually(is_told)
    refused = await shard.ask("east", "POST", "/recognize", content=picture_of(1))
    assert (refused.status_code, refused.json()["code"]) == (503, "STORAGE_UNAVAILABLE")
    assert await shard.recognize("west", 1) == "f"
    assert (await shard.ask("east", "GET", "/readyz")).status_code == 503
    assert (await shard.client.get("/readyz")).status_code == 200
    assert [s["ready"] for s in (await shard.client.get("/statuses")).json()["stores"]] == [
        False,
        True,
        True,
    ]


async def test_a_folder_that_is_not_there_keeps_one_store_from_starting(
    start: Start, tmp_path: Path
) -> None:
    shard = await start(folders={"east": tmp_path / "absent"})
    await shard.ready("门店 B", "west")
    status = (await shard.ask("east", "GET", "/status")).json()

    assert "stores.east.gallery" in status["problem"]
    assert await shard.recognize("west", 1) is None


async def test_an_import_is_waited_for_by_its_own_store_alone(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a_0.jpg").write_bytes(picture_of(1))
    gate = GatedImport(b"faces 1")
    shard = await start(folders={"east": folder}, encoder=gate)
    await shard.ready("门店 B", "west")
    await gate.reached.wait()

    assert (await shard.ask("east", "GET", "/readyz")).json()["code"] == "NOT_READY"
    assert await shard.recognize("west", 2) is None
    gate.open.set()
    await shard.ready("east")
    assert await shard.recognize("east", 1) == "a"


class GatedImport(FakeEncoder):
    """Keeps pictures that begin so until `open` is set; others are encoded at once."""

    def __init__(self, start: bytes) -> None:
        super().__init__()
        self._start = start
        self.reached = asyncio.Event()
        self.open = asyncio.Event()

    async def encode(self, picture: bytes, *options: Any, **more: Any) -> Any:
        if picture.startswith(self._start):
            self.reached.set()
            await self.open.wait()
        return await super().encode(picture, *options, **more)


async def test_a_flood_of_one_store_fills_its_own_queue_alone(start: Start) -> None:
    gate = GatedImport(b"faces 1")
    shard = await start(encoder=gate, encoder_workers=2, encoder_queue=3)
    await shard.ready(*NAMES)
    flood = [
        asyncio.create_task(shard.ask("east", "POST", "/recognize", content=picture_of(1)))
        for _ in range(8)
    ]
    await eventually(lambda: _are_done(flood, 3))
    refused = [task.result() for task in flood if task.done()]
    other = asyncio.create_task(shard.recognize("west", 2))
    await eventually(lambda: _waits(shard, "west"))
    gate.open.set()
    served = [answer for answer in await asyncio.gather(*flood) if answer not in refused]

    assert [answer.json()["code"] for answer in refused] == ["BUSY"] * 3
    assert [answer.status_code for answer in served] == [200] * 5
    assert await other is None
    place = gate.encoded.index(picture_of(2))
    assert place <= 3  # behind the two at work and the one whose turn it was, not behind all


async def _are_done(tasks: list["asyncio.Task[Any]"], count: int) -> bool:
    return sum(task.done() for task in tasks) == count


async def _waits(shard: Shard, store: str) -> bool:
    line = f'facegate_shard_encoder_waiting{{store="{store}"}} 1.0'
    return line in (await shard.client.get("/metrics")).text
