"""TLS before HTTP: whoever shakes hands has a place like others, over real sockets."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path

import pytest
import uvloop

from service.http.door import Patience
from tests.certificates import TestAuthority, trusting
from tests.gateway.fake_chain import until
from tests.tls_service import LONG, SOME, Served, served

LARGE = bytes(3_000_000)
Run = Callable[[Coroutine[None, None, None]], None]


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Run a coroutine on each of the event loops, whose TLS is not the same."""

    def run_on_loop(steps: Coroutine[None, None, None]) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(steps)

    return run_on_loop


def test_who_shows_a_good_certificate_is_known_and_who_shows_another_is_refused(
    run: Run, tmp_path: Path
) -> None:
    async def steps() -> None:
        stranger = TestAuthority(tmp_path / "stranger").folder("gateway", "gateway")
        async with served(tmp_path) as api:
            gateway = api.authority.folder("gateway", "gateway")
            late = api.authority.folder("late", "gateway", days=0)
            other_shard = api.authority.folder("other", "shard")

            assert await api.ask() == b'{"gateway":false}'
            assert await api.ask(gateway) == b'{"gateway":true}'
            for count, shown in enumerate((stranger, late, other_shard), start=1):
                with pytest.raises((ssl.SSLError, ConnectionError)):
                    await api.ask(shown)
                await until(partial(_has_met, api, "certificate", count))
            assert await api.ask(gateway, "/length", LARGE) == b"3000000"
            await until(lambda: api.app.door.open == 0)

    run(steps())


def _has_met(api: Served, limit: str, count: int) -> bool:
    return api.met(limit) == count


@pytest.mark.parametrize("begin", [b"", b"\x16\x03\x01\x02\x00\x01\x00"], ids=["silent", "stuck"])
def test_who_never_ends_the_handshake_is_closed(run: Run, tmp_path: Path, begin: bytes) -> None:
    async def steps() -> None:
        async with served(tmp_path, Patience(head=0.2, body=LONG)) as api:
            reader, writer = await api.raw()
            writer.write(begin)
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
            await until(lambda: api.met("handshake") == 1 and api.app.door.open == 0)
            writer.close()

    run(steps())


def test_who_speaks_no_tls_is_closed(run: Run, tmp_path: Path) -> None:
    async def steps() -> None:
        async with served(tmp_path) as api:
            reader, writer = await api.raw()
            writer.write(b"GET /healthz HTTP/1.1\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                assert b"HTTP/1.1" not in await reader.read()
            await until(lambda: api.met("handshake") == 1 and api.app.door.open == 0)
            writer.close()

    run(steps())


def test_handshakes_that_do_not_end_shut_nobody_out(run: Run, tmp_path: Path) -> None:
    """And the service ends though some of them go on."""

    async def steps() -> None:
        async with served(tmp_path, most=10) as api:
            stuck = [await api.raw() for _ in range(100)]
            for _, writer in stuck:
                writer.write(b"\x16\x03\x01\x02\x00\x01\x00")
            await until(lambda: api.app.door.open == 10)

            assert await api.ask() == b'{"gateway":false}'
            assert api.met("crowded") >= 90
            for _, writer in stuck:
                writer.transport.abort()

    run(steps())


def test_who_reads_the_end_of_an_answer_late_gets_it(run: Run, tmp_path: Path) -> None:
    """Later than an idle connection is closed by plain HTTP, and nothing says that it is none."""

    async def steps() -> None:
        async with served(tmp_path, keep_alive=1) as api:
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", api.port))
            reader, writer = await asyncio.open_connection(
                sock=connection,
                ssl=trusting(api.authority),
                server_hostname="127.0.0.1",
                limit=1000,
            )
            writer.write(b"GET /some HTTP/1.1\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(3)  # a slow reader, not a wait for something
            assert len(await reader.readexactly(SOME)) == SOME
            writer.close()

    run(steps())


def test_a_renewed_certificate_counts_for_the_next_connection(run: Run, tmp_path: Path) -> None:
    async def steps() -> None:
        async with served(tmp_path) as api:
            before = api.expires_at
            trust = trusting(api.authority)
            reader, writer = await asyncio.open_connection("127.0.0.1", api.port, ssl=trust)
            api.authority.folder("shard", "shard", days=20)
            await until(lambda: api.expires_at > before)

            _, second = await asyncio.open_connection("127.0.0.1", api.port, ssl=trust)
            old, new = (w.get_extra_info("peercert")["notAfter"] for w in (writer, second))
            assert old != new
            writer.write(b"GET /healthz HTTP/1.1\r\n\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            writer.close()
            second.close()

    run(steps())
