"""Receivers that never end: each is cut off, and costs the gateway no more than its first words."""

import threading
from collections.abc import Iterator

import pytest

from gateway.live import webhook_client
from gateway.live.webhook_client import DeliveryFailed, WebhookClient
from tests.gateway.live.flood import Flood, without_end

CUT_OFF = 20_000_000
"""Bytes that buffers of sockets may take before a receiver notices that nobody listens."""


STATUS = b"HTTP/1.1 200 OK\r\n"
CHUNKED = STATUS + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n", id="interim answers"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\nx: y\r\n\r\n", id="interim with headers"),
        pytest.param(STATUS, b"x:\r\n", id="headers"),
        pytest.param(STATUS + b"x: ", b"x", id="one header"),
        pytest.param(STATUS, b"x", id="the name of a header"),
        pytest.param(b"HTTP/1.1 200 ", b"x", id="the status line"),
        pytest.param(b"", b"\r\n", id="empty lines"),
        pytest.param(b"", b"x", id="no HTTP"),
    ],
)
async def test_what_never_becomes_an_answer_is_cut_off(head: bytes, piece: bytes) -> None:
    flood = Flood(head, without_end(piece))
    async with flood.running(), WebhookClient([flood.host]) as client:
        with pytest.raises(DeliveryFailed, match="no HTTP answer"):
            await client.post(f"http://{flood.host}/", b"{}", {})

    assert flood.sent < CUT_OFF


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        pytest.param(STATUS + b"Content-Length: 999999999999\r\n\r\n", b"x", id="a body"),
        pytest.param(STATUS + b"\r\n", b"x", id="a body to the end of the connection"),
        pytest.param(CHUNKED, b"1\r\nx\r\n", id="pieces of a body"),
        pytest.param(CHUNKED + b"1;", b"x", id="the extension of a piece"),
        pytest.param(STATUS + b"Content-Length: 0\r\n\r\n", STATUS + b"\r\n", id="more answers"),
    ],
)
async def test_what_comes_after_a_status_is_not_listened_to(head: bytes, piece: bytes) -> None:
    flood = Flood(head, without_end(piece))
    async with flood.running(), WebhookClient([flood.host]) as client:
        await client.post(f"http://{flood.host}/", b"{}", {})

    assert flood.sent < CUT_OFF


async def test_a_trickle_ends_with_the_time_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_client, "TOTAL_SECONDS", 0.2)
    gone_on = threading.Event()

    def trickle() -> Iterator[bytes]:
        while not gone_on.wait(0.01):
            yield b"x: y\r\n"

    async with Flood(STATUS, trickle()).running() as flood:
        async with WebhookClient([flood.host]) as client:
            with pytest.raises(DeliveryFailed, match="in time"):
                await client.post(f"http://{flood.host}/", b"{}", {})
        gone_on.set()
