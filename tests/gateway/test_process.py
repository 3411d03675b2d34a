"""`python -m gateway` as a real process: it starts, it refuses to start, it leaves politely."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests import plain_http
from tests.gateway.fake_chain import ANNA, until
from tests.gateway.fakes import FakeShard, picture, waits_for
from tests.new_database import put_record
from tests.ports import free_port

pytestmark = pytest.mark.processes


def start(**settings: object) -> subprocess.Popen[bytes]:
    environment = {f"FACEGATE_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.Popen(
        [sys.executable, "-m", "gateway"],
        env={**os.environ, **environment},
        stderr=subprocess.DEVNULL,
    )


@asynccontextmanager
async def process(
    stores: Path, **settings: object
) -> AsyncIterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with start(stores=stores, data=stores.parent, port=port, **settings) as gateway:
        try:
            await until(lambda: is_ready(url))
            yield url, gateway
        finally:
            with contextlib.suppress(ProcessLookupError):
                gateway.kill()


async def is_ready(url: str) -> bool:
    async with plain_http.AsyncClient() as client:
        try:
            return (await client.get(f"{url}/readyz")).status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture
async def shard() -> AsyncIterator[FakeShard]:
    shard = FakeShard("store-a")
    shard.member("anna", ANNA)
    await shard.start()
    yield shard
    await shard.stop()


def test_a_gateway_without_the_key_to_its_record_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "stores.yaml").write_text("store-a: 127.0.0.1:5001\n", encoding="utf-8")
    put_record(tmp_path)
    with sqlite3.connect(tmp_path / "gateway.sqlite") as record:
        secret = "\x01" + "01" * 5 + ":" + "A" * 64
        record.execute("INSERT INTO webhooks VALUES ('w', 'http://r', ?, NULL, 0)", (secret,))
    record.close()
    with start(stores=tmp_path / "stores.yaml", data=tmp_path, port=free_port()) as gateway:
        assert gateway.wait(60) == os.EX_CONFIG


async def test_sigterm_drains(tmp_path: Path, shard: FakeShard) -> None:
    stores = tmp_path / "stores.yaml"
    stores.write_text(f"store-a: {shard.address}\n", encoding="utf-8")
    held = asyncio.Event()
    shard.faults["/recognize"] = waits_for(held, shard.recognize)
    async with (
        # It answers in time however long this machine takes for what the test does meanwhile.
        process(stores, drain_seconds=5, home_ms=60_000) as (url, gateway),
        plain_http.AsyncClient() as camera,
    ):
        recognize = f"{url}/v1/stores/store-a/recognize"
        begun = asyncio.create_task(camera.post(recognize, content=picture(ANNA)))
        await until(lambda: shard.asked("/recognize"))
        gateway.send_signal(signal.SIGTERM)
        await until(lambda: _is_draining(url))
        late = asyncio.create_task(camera.post(recognize, content=picture(ANNA)))
        await until(lambda: len(shard.asked("/recognize")) == 2)
        await asyncio.to_thread(_wait_until_refused, url)
        assert gateway.poll() is None
        held.set()

        answers = [await begun, await late]

        assert [answer.json()["faces"][0]["match"] for answer in answers] == ["home", "home"]
        assert answers[1].headers["Connection"] == "close"
        assert await asyncio.to_thread(gateway.wait, 60) == 0


async def _is_draining(url: str) -> bool:
    async with plain_http.AsyncClient() as client:
        answer = await client.get(f"{url}/readyz")
        return answer.status_code == 503 and answer.json()["code"] == "NOT_READY"


def _wait_until_refused(url: str) -> None:
    while True:
        try:
            plain_http.get(f"{url}/healthz")
        except httpx.ConnectError:
            return
        except httpx.TransportError:
            continue  # was still in the queue when the socket was closed


async def test_an_idle_connection_is_kept_as_long_as_the_setting_says(tmp_path: Path) -> None:
    stores = tmp_path / "stores.yaml"
    stores.write_text("store-a: 127.0.0.1:1\n", encoding="utf-8")
    async with process(stores, keep_alive_seconds=1) as (url, _):
        port = int(url.rpartition(":")[2])
        for _ in range(3):  # usually it is kept for 5 s: one that is not shows the setting
            if answer := await _end_of_idle_connection(port, seconds=4):
                break

    assert answer.startswith(b"HTTP/1.1 200 ")


async def _end_of_idle_connection(port: int, seconds: float) -> bytes:
    """Return what came on a connection until the gateway closed it; nothing if it has not."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    try:
        return await asyncio.wait_for(reader.read(), seconds)
    except TimeoutError:
        return b""
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("map_text", "settings", "problem"),
    [
        (None, {}, "No such file or directory"),
        ("", {}, "the file is empty"),
        ("a: nowhere\n", {}, "nowhere"),
        ("a: 127.0.0.1:1\n", {"FAN_OUT_MS": "fast"}, "FACEGATE_FAN_OUT_MS='fast'"),
        ("a: 127.0.0.1:1\n", {"PORT": "0"}, "FACEGATE_PORT='0'"),
        ("a: 127.0.0.1:1\n", {"LOG_LEVEL": "LOUD"}, "FACEGATE_LOG_LEVEL='LOUD'"),
        ("a: 127.0.0.1:1\n", {"RECORD_URL": "nowhere"}, "FACEGATE_RECORD_URL: not a database URL"),
        ("a: 127.0.0.1:1\n", {"RECORD_URL": "mysql://u:secret@h/d"}, "mysql://u:***@h/d"),
        ("a: 127.0.0.1:1\n", {"RECORD_URL": "sqlite://"}, "FACEGATE_RECORD_URL=sqlite://"),
        ("a: 127.0.0.1:1\n", {"DATA": "/dev/null"}, "/dev/null"),
        ("a: 127.0.0.1:1\n", {"HOST": "0.0.0.0"}, "FACEGATE_KEYS=required"),
    ],
)
def test_a_wrong_configuration_ends_it_with_one_line(
    tmp_path: Path, map_text: str | None, settings: dict[str, str], problem: str
) -> None:
    stores = tmp_path / "stores.yaml"
    if map_text is not None:
        stores.write_text(map_text, encoding="utf-8")
    settings = {"DATA": str(tmp_path / "data"), **settings}
    environment = {f"FACEGATE_{name}": value for name, value in settings.items()}

    ended = subprocess.run(
        [sys.executable, "-m", "gateway", "--stores", str(stores)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 78
    assert ended.stderr.startswith("facegate gateway: ")
    assert problem in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
