"""A gateway, or what is in its place, that answers without end: no client is held by it."""

import pytest

from facegate import ApiError, AsyncClient, Client, GatewayUnreachable
from facegate.client.answer_body import AnswerBody, EndlessAnswer
from facegate.client.event_stream import EventReader
from tests.endless import endless

SECONDS = 0.5


KINDS = pytest.mark.parametrize(
    ("head", "begins", "piece"),
    [
        ("200 OK", b"", b" " * 10),
        ("503 Service Unavailable\r\nRetry-After: 0", b"", b" " * 10),
        ("100 Continue", b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        ("100 Continue", b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    ],
    ids=["a body", "a refusal", "interim answers", "headers"],
)


@KINDS
def test_an_answer_has_an_end(head: str, begins: bytes, piece: bytes) -> None:
    with (
        endless(head, begins, piece) as url,
        Client(url, timeout=SECONDS) as client,
        pytest.raises(GatewayUnreachable, match="not answered in time"),
    ):
        client.stores()


@KINDS
async def test_an_answer_to_the_async_client_has_an_end(
    head: str, begins: bytes, piece: bytes
) -> None:
    with endless(head, begins, piece) as url:
        async with AsyncClient(url, timeout=SECONDS) as client:
            with pytest.raises(GatewayUnreachable, match="not answered in time"):
                await client.stores()


def test_an_answer_takes_no_more_memory_than_the_longest_one() -> None:
    body = AnswerBody(most_bytes=10)
    body.add(b"0123456789")

    with pytest.raises(EndlessAnswer, match="more than 10 bytes"):
        body.add(b"0")


@pytest.mark.parametrize("piece", [b"x" * 1000, b"data: x\n" * 100])
def test_an_event_of_the_live_feed_has_an_end(piece: bytes) -> None:
    reader = EventReader()

    def follow() -> None:
        for _ in range(2000):
            list(reader.feed(piece))

    with pytest.raises(ApiError, match="not what a gateway sends"):
        follow()
