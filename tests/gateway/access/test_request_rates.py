"""How many requests a key or an address may send, and who is not slowed down by it."""

import asyncio
from pathlib import Path

import pytest

from contract.errors import TooManyRequests
from gateway.access.refusal_brake import AT_ONCE, PAUSE_SECONDS, RefusalBrake
from gateway.access.request_rates import CALLERS, RequestRate
from tests.gateway.access.keyring import bearer, key, put_keys
from tests.gateway.fake_chain import ANNA, running
from tests.gateway.fakes import picture

SEARCH = "/v1/search"
RECOGNIZE = "/v1/stores/store-a/recognize"


class Clock:
    """A clock that goes on when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def taken(rate: RequestRate, caller: str, most: int = 1000) -> int:
    """Return how many requests a caller is let have now."""
    for count in range(most):
        try:
            rate.take(caller)
        except TooManyRequests:
            return count
    return most


def test_a_minutes_share_may_come_at_once_and_comes_back_evenly() -> None:
    clock = Clock()
    rate = RequestRate(60, "requests", clock)

    assert taken(rate, "a") == 60
    assert taken(rate, "b") == 60
    clock.now += 10
    assert taken(rate, "a") == 10
    clock.now += 1000
    assert taken(rate, "a") == 60


def test_who_sends_too_many_is_told_when_to_come_again() -> None:
    clock = Clock()
    rate = RequestRate(6, "searches", clock)
    assert taken(rate, "a") == 6

    with pytest.raises(TooManyRequests, match="more than 6 searches a minute") as refused:
        rate.take("a")

    assert refused.value.retry_after == 10
    clock.now += 10
    rate.take("a")


def test_a_flood_of_callers_takes_no_more_memory() -> None:
    rate = RequestRate(2, "requests", Clock())
    for number in range(CALLERS + 10):
        rate.take(f"caller {number}")
    assert len(rate._left) == CALLERS


def test_zero_is_no_limit() -> None:
    assert taken(RequestRate(0, "requests"), "a") == 1000


async def test_who_is_refused_all_the_time_waits_and_nobody_else() -> None:
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    brake = RefusalBrake(pause)
    for _ in range(AT_ONCE):
        await brake.slow_down("10.0.0.1")
    assert waited == []
    for _ in range(3):
        await brake.slow_down("10.0.0.1")
    await brake.slow_down("10.0.0.2")

    assert waited == [PAUSE_SECONDS] * 3


async def test_requests_without_a_key_that_is_needed_are_slowed_down(tmp_path: Path) -> None:
    one, stored = key("operator")
    await put_keys(tmp_path, [stored])
    async with running(tmp_path, keys="required") as chain, asyncio.TaskGroup() as group:
        refusals = [
            group.create_task(chain.http.get("/v1/members")) for _ in range(AT_ONCE + AT_ONCE // 2)
        ]
        await asyncio.sleep(0)

        assert (await chain.http.get("/v1/members", headers=bearer(one))).status_code == 200
        assert not all(refusal.done() for refusal in refusals)
        assert {(await refusal).status_code for refusal in refusals} == {401}


async def test_searches_of_a_key_are_limited_and_nobody_elses(tmp_path: Path) -> None:
    one, one_stored = key("operator")
    other, other_stored = key("operator")
    await put_keys(tmp_path, [one_stored, other_stored])
    async with running(tmp_path, keys="required", searches_a_minute=2) as chain:

        async def status(path: str, headers: dict[str, str]) -> int:
            answer = await chain.http.post(path, content=picture(ANNA), headers=headers)
            return answer.status_code

        assert [await status(SEARCH, bearer(one)) for _ in range(3)] == [200, 200, 429]
        refused = await chain.http.post(SEARCH, content=picture(ANNA), headers=bearer(one))
        assert await status(SEARCH, bearer(other)) == 200
        assert await status(RECOGNIZE, bearer(one)) == 200
        members = await chain.http.get("/v1/members", headers=bearer(one))

    assert (refused.json()["code"], members.status_code) == ("TOO_MANY_REQUESTS", 200)
    assert 1 <= int(refused.headers["Retry-After"]) <= 30


async def test_an_address_without_a_key_is_limited_but_for_its_cameras(tmp_path: Path) -> None:
    async with running(tmp_path, requests_a_minute=3) as chain:
        statuses = [(await chain.http.get("/v1/members")).status_code for _ in range(4)]
        recognized = await chain.http.post(RECOGNIZE, content=picture(ANNA))
        health = [(await chain.http.get(path)).status_code for path in ("/healthz", "/readyz")]

    assert statuses == [200, 200, 200, 429]
    assert recognized.status_code == 200
    assert health == [200, 200]
