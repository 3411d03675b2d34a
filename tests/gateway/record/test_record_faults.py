"""Gateways are killed, disks full and databases restarted under load: every count stays exact.

Cameras send each frame, with its key and time, until it is acknowledged, as they are told to.
"""

import asyncio
import contextlib
import itertools
import os
import random
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests import plain_http, postgresql
from tests.gateway.fake_chain import until
from tests.gateway.fakes import FakeShard, picture
from tests.gateway.test_process import is_ready, start
from tests.ports import free_port

PEOPLE = 8
FRAMES = 120
CAMERAS = 6
GAP = timedelta(minutes=30)
NOW = datetime.now(UTC).replace(second=0, microsecond=0)


@dataclass(frozen=True)
class Shot:
    """A frame: who is seen in which store, and when."""

    number: int
    store: str
    who: int
    at: datetime


def shots(seed: int) -> list[Shot]:
    chance = random.Random(seed)
    return [
        Shot(
            number,
            chance.choice(["store-a", "store-b"]),
            chance.randrange(PEOPLE),
            NOW - timedelta(minutes=chance.randrange(5 * 24 * 60)),
        )
        for number in range(FRAMES)
    ]


def visits_of(taken: list[Shot]) -> int:
    """Count by hand: runs of frames of one person in one store with no gap between them."""
    count = 0
    for store, who in {(shot.store, shot.who) for shot in taken}:
        times = sorted(shot.at for shot in taken if (shot.store, shot.who) == (store, who))
        count += 1 + sum(b - a > GAP for a, b in itertools.pairwise(times))
    return count


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Path]:
    """Two stores; everybody is a member of store-a and roams in store-b."""
    a, b = FakeShard("store-a"), FakeShard("store-b")
    for who in range(PEOPLE):
        a.member(f"{who}", vector(who))
    for shard in (a, b):
        await shard.start()
    path = tmp_path / "stores.yaml"
    path.write_text(f"store-a: {a.address}\nstore-b: {b.address}\n", encoding="utf-8")
    yield path
    for shard in (a, b):
        await shard.stop()


def vector(who: int) -> tuple[float, ...]:
    return (2.0 * who, 1.0, 0.0, 0.0)


class Gateway:
    """One gateway process, at the same address whenever it is started."""

    def __init__(self, stores: Path, **settings: object) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        patient = {"fan_out_ms": 10_000}  # a stranger is minted where a store does not answer
        self._settings = {"stores": stores, "data": stores.parent, **patient, **settings}
        self._process = start(port=self.port, **self._settings)

    async def kill_and_restart(self) -> None:
        await asyncio.to_thread(self.stop)
        self._process = start(port=self.port, **self._settings)
        await self.ready()

    async def ready(self) -> None:
        await until(lambda: is_ready(self.url), seconds=60)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@asynccontextmanager
async def gateway(stores: Path, **settings: object) -> AsyncIterator[Gateway]:
    running = Gateway(stores, **settings)
    try:
        await running.ready()
        yield running
    finally:
        running.stop()


class Load:
    """Cameras that post `taken`, each until it is acknowledged."""

    def __init__(self, urls: list[str], taken: list[Shot]) -> None:
        self._urls = urls
        self._waiting = list(reversed(taken))
        self.acknowledged: list[Shot] = []
        self.refused: set[tuple[int, str]] = set()

    async def run(self) -> None:
        async with plain_http.AsyncClient() as http, asyncio.TaskGroup() as cameras:
            for number in range(CAMERAS):
                cameras.create_task(self._camera(http, self._urls[number % len(self._urls)]))

    async def _camera(self, http: httpx.AsyncClient, url: str) -> None:
        while self._waiting:
            shot = self._waiting.pop()
            if await self._sent(http, url, shot):
                self.acknowledged.append(shot)
            else:
                self._waiting.append(shot)
                await asyncio.sleep(0.05)

    async def _sent(self, http: httpx.AsyncClient, url: str, shot: Shot) -> bool:
        try:
            answer = await http.post(
                f"{url}/v1/stores/{shot.store}/recognize",
                content=picture(vector(shot.who)),
                params={"captured_at": shot.at.isoformat()},
                headers={"Idempotency-Key": f"{shot.number}"},
            )
        except httpx.TransportError:
            return False
        if answer.status_code == 200:
            assert answer.json()["faces"][0]["visit"]["id"]
            return True
        self.refused.add((answer.status_code, answer.json()["code"]))
        return False


async def under_load(load: Load, faults: int, fault: Callable[[], Awaitable[None]]) -> None:
    """Run `load`, and cause `fault` so many times on the way."""
    running = asyncio.create_task(load.run())
    for number in range(faults):
        wanted = FRAMES * (number + 1) // (faults + 2)
        await until(lambda wanted=wanted: len(load.acknowledged) >= wanted, seconds=90)  # type: ignore[misc]
        await fault()
    await running


async def footfall(url: str) -> tuple[int, int]:
    async with plain_http.AsyncClient() as http:
        query = {"from": (NOW - timedelta(days=8)).date().isoformat()}
        body = (await http.get(f"{url}/v1/traffic", params=query)).json()
        by_store = [
            (await http.get(f"{url}/v1/stores/{store}/traffic", params=query)).json()["pv"]
            for store in ("store-a", "store-b")
        ]
        assert sum(by_store) == body["pv"]
        return body["pv"], body["uv"]


@pytest.mark.processes
async def test_a_gateway_killed_again_and_again_loses_and_doubles_nothing(
    stores: Path, record_url: str
) -> None:
    taken = shots(1)
    async with gateway(stores, record_url=record_url) as running:
        load = Load([running.url], taken)

        await under_load(load, 3, running.kill_and_restart)

        assert len(load.acknowledged) == FRAMES
        assert await footfall(running.url) == (visits_of(taken), PEOPLE)


@pytest.mark.processes
async def test_a_database_restarted_under_load_loses_and_doubles_nothing(stores: Path) -> None:
    taken = shots(2)
    with postgresql.own_server() as server, postgresql.database(server.url) as url:

        async def restart() -> None:
            await asyncio.to_thread(server.crash)
            await asyncio.to_thread(server.start)

        async with gateway(stores, record_url=url) as one, gateway(stores, record_url=url) as two:
            load = Load([one.url, two.url], taken)

            await under_load(load, 2, restart)

            assert load.refused <= {
                (503, "STORAGE_UNAVAILABLE"),
                (503, "BUSY"),
                (504, "DEADLINE_EXCEEDED"),
            }
            assert await footfall(one.url) == await footfall(two.url) == (visits_of(taken), PEOPLE)


@pytest.fixture
def small_disk(processes: None, tmp_path: Path) -> Iterator[Path]:
    """A file system of sixteen megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


async def test_a_full_disk_is_answered_507_until_there_is_space(
    stores: Path, small_disk: Path
) -> None:
    taken = shots(3)
    ballast = small_disk / "ballast"
    async with gateway(stores, data=small_disk) as running:
        load = Load([running.url], taken)

        async def fill() -> None:
            left = os.statvfs(small_disk)
            with contextlib.suppress(OSError):  # the gateway was faster, and the disk is full too
                ballast.write_bytes(b"x" * left.f_bavail * left.f_bsize)
            await until(lambda: load.refused, seconds=60)
            await footfall(running.url)  # reading goes on
            ballast.unlink()

        await under_load(load, 1, fill)

        assert load.refused == {(507, "STORAGE_FULL")}
        assert await footfall(running.url) == (visits_of(taken), PEOPLE)
