"""A gateway, or what is in its place, that answers without end: no client is held by it."""

import pytest

from facegate import ApiError, AsyncClient, Client, GatewayUnreachable
from facegate.client.answer_body import AnswerBody, EndlessAnswer
from facegate.client.event_stream import EventReader
from tests.endless import endless

SECONDS = 0.5


@pytest.mark.parametrize("status", ["200 OK", "503 Service Unavailable\r\nRetry-After: 0"])
def test_an_answer_has_an_end(status: str) -> None:
    with (
        endless(status) as url,
        Client(url, timeout=SECONDS) as client,
        pytest.raises(GatewayUnreachable, match="does not end in time"),
    ):
        client.stores()


@pytest.mark.parametrize("status", ["200 OK", "503 Service Unavailable\r\nRetry-After: 0"])
async def test_an_answer_to_the_async_client_has_an_end(status: str) -> None:
    with endless(status) as url:
        async with AsyncClient(url, timeout=SECONDS) as client:
            with pytest.raises(GatewayUnreachable, match="does not end in time"):
                await client.stores()


def test_an_answer_takes_no_more_memory_than_the_longest_one() -> None:
    body = AnswerBody(60, most_bytes=10)
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
