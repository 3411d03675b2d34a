"""The live feed as the client reads it."""

import pytest

from facegate import ApiError, AsyncClient, Client, GoneEvent, MemberEvent, ResetEvent
from facegate.client.event_stream import EventReader
from tests.facegate.fake_gateway import FakeGateway

FEED = """retry: 1000
id: 1-7

: here at 1-7

id: 1-8
event: gone
data: {"store": "a", "visit": "9", "at": "2026-05-04T09:00:00Z"}

id: 1-9
event: of the next release
data: {}

id: 1-10
event: member
data: {"kind": "张三\u2028\x85", "at": "2026-05-04T09:00:01Z"}

event: reset
data: {"reason": "too old"}

id: 1-11
event: gone
""".encode()
TOLD = [
    ("1-8", GoneEvent(store="a", visit="9", at="2026-05-04T09:00:00Z")),
    ("1-10", MemberEvent(kind="张三\u2028\x85", at="2026-05-04T09:00:01Z")),
    ("1-10", ResetEvent(reason="too old")),
]


@pytest.mark.parametrize("size", [1, 7, len(FEED)])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_events_are_read_however_they_are_cut(size: int, line_end: bytes) -> None:
    feed = FEED.replace(b"\n", line_end)
    reader = EventReader()

    told = [
        (event.position, event.data)
        for start in range(0, len(feed), size)
        for event in reader.feed(feed[start : start + size])
    ]

    assert told == TOLD


async def test_both_clients_follow_a_store_from_a_position(gateway: FakeGateway) -> None:
    gateway.raw += [(200, {}, FEED)] * 2

    with Client(gateway.url) as client:
        sync = [(event.position, event.data) for event in client.live("门店 B", after="1-7")]
    async with AsyncClient(gateway.url) as patient:
        slow = [(event.position, event.data) async for event in patient.live("a")]

    assert sync == slow == TOLD
    assert [path.rpartition("/")[2] for path, _ in gateway.asked] == ["live?after=1-7", "live"]


def test_a_feed_that_is_refused_or_none_is_an_api_error(gateway: FakeGateway) -> None:
    gateway.raw += [(200, {}, b"event: gone\ndata: <h1>\n\n")]

    with Client(gateway.url) as client:
        with pytest.raises(ApiError) as nonsense:
            next(client.live("a"))
        with pytest.raises(ApiError) as refused:
            next(client.live("nowhere"))

    assert (nonsense.value.code, refused.value.code) == ("NONSENSE", "UNKNOWN_STORE")
