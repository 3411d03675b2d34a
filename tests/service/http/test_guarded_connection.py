"""What a stranger may do to a service before there is a request: over real sockets."""

import asyncio
import json
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest
import uvicorn
from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry
from starlette.responses import Response

from service.http.door import Door, Patience
from service.http.guarded_connection import MOST_HEAD_BYTES
from service.http.request_metrics import RequestMetrics
from service.http.routes import Routes
from service.http.server import server_config
from service.http.service_api import ServiceApi
from service.settings import ServiceSettings
from tests.gateway.fake_chain import until

LONG = 60.0
SHORT = Patience(head=0.2, body=0.2, answer=0.2)
PATIENT = Patience(head=LONG, body=LONG, answer=LONG)
LARGE = 30_000_000
"""Bytes: more than the kernel takes of an answer that nobody reads."""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Client:
    """A connection on which bytes are sent as they are."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> Answer:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await self.reader.readexactly(int(headers["content-length"]))
        return Answer(int(first.split()[1]), headers, body)

    async def ask(self, path: str = "/healthz") -> Answer:
        await self.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return await self.answer()

    async def is_closed(self) -> bool:
        """Wait until the service has closed it; fail after a minute."""
        async with asyncio.timeout(LONG):
            try:
                while await self.reader.read(65_536):
                    pass
            except ConnectionError:
                pass
        return True


@dataclass
class Api:
    """A service, and what it is doing."""

    port: int
    door: Door
    registry: CollectorRegistry
    go_on: asyncio.Event
    busy: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    """Released for each request to `/busy` that has begun."""
    clients: list[Client] = field(default_factory=list)

    async def connect(self, receive_bytes: int | None = None) -> Client:
        connection = socket.socket()
        connection.setblocking(False)
        if receive_bytes is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, ("127.0.0.1", self.port))
        client = Client(*await asyncio.open_connection(sock=connection, limit=65_536))
        self.clients.append(client)
        return client

    async def connected(self, count: int) -> list[Client]:
        """Return so many connections of which the service knows."""
        clients = [await self.connect() for _ in range(count)]
        await until(lambda: self.door.open >= count)
        return clients

    def met(self, limit: str) -> float:
        value = self.registry.get_sample_value("test_connection_limits_total", {"limit": limit})
        return value or 0


def _routes(api: Callable[[], Api]) -> Routes:
    routes = Routes()

    @routes.get("/healthz")
    async def get_health() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/busy")
    async def get_busy() -> dict[str, str]:
        api().busy.release()
        await api().go_on.wait()
        return {"status": "done"}

    @routes.get("/large")
    async def get_large() -> Response:
        return Response(bytes(LARGE))

    @routes.post("/length")
    async def count(request: Request) -> int:
        return len(await request.body())

    return routes


@asynccontextmanager
async def served(
    patience: Patience = PATIENT, most: int = 1000, keep_alive: int = 60
) -> AsyncIterator[Api]:
    registry = CollectorRegistry()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield

    app = ServiceApi(title="test", description="", lifespan=lifespan, usual=[])
    app.serve(_routes(lambda: api))
    metrics = RequestMetrics(registry, "test", [1])
    app.guard(ServiceSettings(max_connections=most), metrics)
    app.door.patience = patience
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(server_config(app, "127.0.0.1", 0, keep_alive_seconds=keep_alive))
    serving = asyncio.create_task(server.serve([listener]))
    api = Api(listener.getsockname()[1], app.door, registry, asyncio.Event())
    await until(lambda: server.started or serving.done())
    try:
        yield api
    finally:
        api.go_on.set()
        for client in api.clients:
            client.writer.close()
        server.should_exit = True
        await serving


def head_of(size: int) -> bytes:
    """Return a request's head of so many bytes."""
    begin, end = b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"\r\n\r\n"
    lines = [b"A: " + b"a" * 995 + b"\r\n"] * ((size - 2000) // 1000)
    rest = size - len(begin) - len(end) - 1000 * len(lines)
    return begin + b"".join(lines) + b"B: " + b"b" * (rest - 3) + end


async def test_a_head_of_nearly_the_most_is_read() -> None:
    async with served() as api:
        client = await api.connect()
        await client.send(head_of(MOST_HEAD_BYTES - 2000))

        assert (await client.answer()).status == 200
        assert (await client.ask()).status == 200


@pytest.mark.parametrize("size", [MOST_HEAD_BYTES + 2000, 200_000, 2_000_000])
async def test_a_larger_head_is_refused_and_its_connection_closed(size: int) -> None:
    async with served() as api:
        client = await api.connect()
        client.writer.write(head_of(size))
        answer = await client.answer()

        assert answer.status == 431
        assert answer.headers["content-type"] == "application/problem+json"
        assert json.loads(answer.body)["code"] == "HEAD_TOO_LARGE"
        assert await client.is_closed()
        assert api.met("head_too_large") == 1


@pytest.mark.parametrize(
    "begin",
    [
        b"GET /healthz HTTP/1.1\r\nA: ",
        b"GET /",
        b"POST /length HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;",
        b"POST /length HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: ",
    ],
    ids=["header", "path", "extension of a chunk", "trailer"],
)
async def test_what_does_not_end_is_cut_off(begin: bytes) -> None:
    async with served() as api:
        client = await api.connect()
        await client.send(begin)
        await _flood(client, b"a" * 10_000)

        assert await client.is_closed()
        assert api.met("head_too_large") == 1


async def test_trailers_without_end_are_cut_off() -> None:
    async with served() as api:
        client = await api.connect()
        await client.send(b"POST /length HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
        await _flood(client, b"A: b\r\n" * 1000)

        assert await client.is_closed()
        assert api.met("head_too_large") == 1


async def test_a_body_in_many_small_pieces_is_read() -> None:
    async with served() as api:
        client = await api.connect()
        await client.send(b"POST /length HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        await client.send(b"8\r\n12345678\r\n" * 50_000 + b"0\r\n\r\n")

        assert (await client.answer()).body == b"400000"


async def test_empty_lines_without_end_are_cut_off() -> None:
    async with served() as api:
        client = await api.connect()
        await _flood(client, b"\r\n" * 5_000)

        assert await client.is_closed()
        assert api.met("head_too_large") == 1


async def test_requests_that_are_sent_ahead_are_answered_in_their_order() -> None:
    async with served() as api:
        client = await api.connect()
        await client.send(b"GET /busy HTTP/1.1\r\n\r\n" + b"GET /healthz HTTP/1.1\r\n\r\n" * 10)
        api.go_on.set()
        answers = [await client.answer() for _ in range(11)]

        assert [json.loads(answer.body)["status"] for answer in answers] == ["done", *["ok"] * 10]


async def test_a_flood_of_requests_that_are_sent_ahead_is_cut_off() -> None:
    async with served() as api:
        client = await api.connect()
        await client.send(b"GET /busy HTTP/1.1\r\n\r\n" * 1000)

        assert await client.is_closed()
        assert api.met("malformed") == 1
        assert api.busy._value == 1


async def test_what_is_no_http_is_refused_without_a_line_for_each(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served() as api:
        for _ in range(20):
            client = await api.connect()
            await client.send(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
            answer = await client.answer()
            assert (answer.status, json.loads(answer.body)["code"]) == (400, "BAD_REQUEST")
            assert await client.is_closed()
        await until(lambda: "malformed" in caplog.text)

    assert sum(record.levelno >= logging.WARNING for record in caplog.records) <= 2


async def test_who_asks_for_another_protocol_is_answered_in_this_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    upgrade = b"GET /healthz HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    async with served() as api:
        client = await api.connect()
        for _ in range(3):
            await client.send(upgrade)
            assert (await client.answer()).status == 200

    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("begin", "limit"),
    [
        (b"", "silent"),
        (b"GET /healthz HTTP/1.1\r\nA: ", "slow_head"),
        (b"POST /healthz HTTP/1.1\r\nContent-Length: 100000\r\n\r\n", "slow_body"),
    ],
)
async def test_who_keeps_the_service_waiting_is_closed(begin: bytes, limit: str) -> None:
    async with served(SHORT) as api:
        client = await api.connect()
        await client.send(begin)

        assert await client.is_closed()
        assert api.met(limit) == 1


@pytest.mark.parametrize(
    ("begin", "drop"),
    [
        (b"GET /healthz HTTP/1.1\r\nA: ", b"a"),
        (b"POST /healthz HTTP/1.1\r\nContent-Length: 100000\r\n\r\n", b"a"),
        (b"GET /healthz HTTP/1.1\r\n\r\n", b"\r\n"),
    ],
    ids=["head", "body", "between"],
)
async def test_a_drop_now_and_then_buys_no_time(begin: bytes, drop: bytes) -> None:
    """Waits for the service's end of it, while something comes ten times as often as it must."""
    async with served(SHORT, keep_alive=1) as api:
        client = await api.connect()
        await client.send(begin)
        dripping = asyncio.create_task(_drip(client, drop))

        assert await client.is_closed()
        await dripping


async def test_an_idle_connection_is_closed_and_no_limit_is_met() -> None:
    async with served(keep_alive=1) as api:
        client = await api.connect()
        assert (await client.ask()).status == 200

        assert await client.is_closed()
        await until(lambda: api.door.open == 0)
        assert not [name for name in ("silent", "slow_head", "crowded") if api.met(name)]


async def test_who_reads_nothing_of_an_answer_is_closed() -> None:
    async with served(SHORT) as api:
        client = await api.connect(receive_bytes=4096)
        await client.send(b"GET /large HTTP/1.1\r\n\r\n")
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # reads in reality
        await until(lambda: api.met("slow_reader") == 1)
        await until(lambda: api.door.open == 0)


async def test_who_reads_slowly_gets_all_of_it() -> None:
    """Longer than a client may read nothing, and longer than an idle connection is kept."""
    async with served(Patience(body=LONG, answer=3), keep_alive=1) as api:
        client = await api.connect(receive_bytes=4096)
        await client.send(b"GET /large HTTP/1.1\r\n\r\n")
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await client.reader.readuntil(b"\r\n\r\n")
        left = LARGE
        while left:
            piece = await client.reader.read(65_536)
            assert piece, "cut off"
            left -= len(piece)
            if left > LARGE // 10 and loop.time() < begun + 5:
                await asyncio.sleep(0.05)  # a slow reader, not a wait for something

        assert api.met("slow_reader") == 0


async def test_when_all_places_are_taken_the_longest_idle_makes_room() -> None:
    async with served(most=10) as api:
        idle = await api.connected(10)
        assert (await idle[0].ask()).status == 200  # now idle[1] is idle for longest
        for _ in range(3):
            assert (await (await api.connect()).ask("/nowhere")).status == 404

        assert [await client.is_closed() for client in idle[1:4]] == [True] * 3
        assert (await idle[0].ask()).status == 200
        assert api.met("crowded") == 3
        assert api.met("full") == 0


async def test_when_all_are_busy_health_checks_are_answered_and_nothing_else() -> None:
    async with served(most=10) as api:
        for client in await api.connected(10):
            await client.send(b"GET /busy HTTP/1.1\r\n\r\n")
        for _ in range(10):
            await api.busy.acquire()

        healthy = await (await api.connect()).ask("/healthz")
        assert (healthy.status, healthy.headers["connection"]) == (200, "close")
        other = await api.connect()
        refused = await other.ask("/nowhere")
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert json.loads(refused.body)["code"] == "BUSY"
        assert await other.is_closed()
        assert api.met("full") == 1

        silent = [await api.connect() for _ in range(20)]
        assert (await (await api.connect()).ask("/healthz")).status == 200
        assert await silent[0].is_closed()

        api.go_on.set()
        for client in api.clients[:10]:
            assert (await client.answer()).status == 200


async def test_what_was_met_is_said_once_with_its_count(caplog: pytest.LogCaptureFixture) -> None:
    async with served(most=10) as api:
        await api.connected(10)
        for _ in range(5):
            await api.connect()
        await until(lambda: "connections closed or refused" in caplog.text)
        await api.connect()
        await until(lambda: api.met("crowded") == 6)

    lines = [record.getMessage() for record in caplog.records if record.name.endswith("door")]
    assert len(lines) == 1
    assert re.fullmatch(r"connections closed or refused: [1-6] crowded; \d+ are open", lines[0])


async def _flood(client: Client, data: bytes) -> None:
    """Send until the connection is closed; fail after 50 MB."""
    try:
        for _ in range(50_000_000 // len(data)):
            await client.send(data)
    except ConnectionError:
        return
    raise AssertionError("it took all of it")


async def _drip(client: Client, drop: bytes) -> None:
    try:
        while True:
            await client.send(drop)
            await asyncio.sleep(0.02)  # how often it drips
    except ConnectionError:
        return
