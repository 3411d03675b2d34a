"""A gateway that says when to come back is asked again then, within bounds."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from facegate import ApiError, AsyncClient, Client
from facegate.client.retry import retry_after
from tests.facegate.fake_gateway import FakeGateway, problem


def busy(wait: str | None = "0", status: int = 503) -> tuple[int, dict[str, str], bytes]:
    headers = {} if wait is None else {"Retry-After": wait}
    return status, headers, json.dumps(problem(status, "BUSY", "All workers are busy")[1]).encode()


def past() -> str:
    return format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)


@pytest.mark.parametrize("status", [429, 503, 507])
def test_a_call_goes_again_until_it_is_answered(gateway: FakeGateway, status: int) -> None:
    gateway.raw += [busy("0", status), busy(past(), status)]

    with Client(gateway.url) as client:
        assert [store.store for store in client.stores()] == ["a", "门店 B"]

    assert gateway.sent("GET", "/v1/stores") == 3


async def test_the_async_client_asks_again_too(gateway: FakeGateway) -> None:
    gateway.raw += [busy(), busy()]

    async with AsyncClient(gateway.url) as client:
        await client.enroll("a", "li", b"li si")

    assert gateway.bodies == [b"li si"] * 3


def test_a_frame_that_goes_again_is_the_same_frame(gateway: FakeGateway) -> None:
    gateway.raw += [busy(), busy()]
    with Client(gateway.url) as client:
        client.recognize("a", b"li si")
        client.recognize("a", b"li si")

    keys = [key for _, key in gateway.asked]

    assert keys[0] == keys[1] == keys[2]
    assert None not in keys
    assert keys[2] != keys[3]


def test_a_frame_with_a_name_or_that_writes_nothing_gets_no_key(gateway: FakeGateway) -> None:
    with Client(gateway.url) as client:
        client.recognize("a", b"x", camera="door", frame=17)
        client.recognize("a", b"x", mint=False, visit=False)
        client.recognize("a", b"x", key="k-1")

    assert [key for _, key in gateway.asked] == [None, None, "k-1"]


def test_who_waits_long_enough_waits_no_longer(gateway: FakeGateway) -> None:
    gateway.raw += [busy("0")] * 100

    with (
        pytest.raises(ApiError, match="All workers are busy"),
        Client(gateway.url, retry_seconds=2) as client,
    ):
        client.stores()

    assert 2 <= len(gateway.requests) < 100


@pytest.mark.parametrize("wait", ["3600", "9" * 400, None, "soon"])
def test_an_invitation_that_is_too_late_or_none_is_not_waited_for(
    gateway: FakeGateway, wait: str | None
) -> None:
    gateway.raw += [busy(wait)]

    with pytest.raises(ApiError) as caught, Client(gateway.url, retry_seconds=600) as client:
        client.stores()

    assert (caught.value.code, len(gateway.requests)) == ("BUSY", 1)


NOON = "Mon, 04 May 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": " 120 "}, 120),
        ({"Retry-After": "Mon, 04 May 2026 12:00:05 GMT", "Date": NOON}, 5),
        ({"Retry-After": "Monday, 04-May-26 12:00:05 GMT", "Date": NOON}, 5),
        ({"Retry-After": "Mon, 04 May 2026 11:59:00 GMT", "Date": NOON}, 0),
        ({"Retry-After": NOON, "Date": "nonsense"}, 0),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "Mon, 99 May 2026 12:00:05 GMT"}, None),
        ({}, None),
    ],
)
def test_seconds_and_dates_are_read(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds
