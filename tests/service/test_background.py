"""Work beside the requests goes on, whatever ends it, and shows that it had ended."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import pairwise
from operator import ge

import pytest

from contract.errors import StorageFull
from contract.messages.cluster import BackgroundStatus
from service.background import Background
from tests.gateway.fake_chain import until

PAUSES = (0.001, 0.004)


class Script:
    """Work that does at each beginning what comes next in the script, and then goes on."""

    def __init__(self, *parts: Callable[[], Awaitable[None]]) -> None:
        self._parts = list(parts)
        self.goes_on = asyncio.Event()
        self.stopped = False

    async def run(self) -> None:
        if self._parts:
            await self._parts.pop(0)()
            return
        self.goes_on.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped = True


async def ends() -> None:
    """Come to an end, as no work should."""


async def fails() -> None:
    raise ZeroDivisionError("a secret")


async def fills_the_disk() -> None:
    raise StorageFull("no space is left")


async def cancels_itself() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (ends, "it came to its end"),
        (fails, "ZeroDivisionError; the log has more"),
        (fills_the_disk, "no space is left"),
        (cancels_itself, "CancelledError; the log has more"),
    ],
)
async def test_what_ends_is_logged_begun_again_and_shown(
    part: Callable[[], Awaitable[None]], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script(part)
    background = Background({"work": script.run}, pauses=PAUSES)

    async with background, asyncio.timeout(60):
        await script.goes_on.wait()
        [status] = background.statuses

    assert (status.running, status.failures, status.last_error) == (True, 1, told)
    assert status.failed_at is not None
    assert [r.getMessage() for r in caplog.records] == ["work: ended, and is begun again"]
    assert caplog.records[0].levelno == logging.CRITICAL
    assert script.stopped


async def test_between_an_end_and_the_next_beginning_it_is_not_running() -> None:
    background = Background({"work": fails}, pauses=(60, 60))

    async with background:
        await until(lambda: background.statuses[0].failures == 1)

        assert background.statuses[0].running is False


async def test_one_that_ends_keeps_no_other_from_its_work() -> None:
    script = Script()
    background = Background({"bad": fails, "good": script.run}, pauses=(60, 60))

    async with background:
        await until(lambda: background.statuses[0].failures and script.goes_on.is_set())
        bad, good = background.statuses

    assert (bad.failures, good) == (1, BackgroundStatus(name="good", running=True, failures=0))


async def test_the_pauses_grow_while_it_ends_at_once() -> None:
    began: list[float] = []

    async def run() -> None:
        began.append(asyncio.get_running_loop().time())

    async with Background({"work": run}, pauses=(0.02, 0.08)):
        await until(lambda: len(began) == 5)

    pauses = [later - before for before, later in pairwise(began)]
    assert all(map(ge, pauses, (0.02, 0.04, 0.08, 0.08)))


async def test_what_is_to_be_done_once_is_tried_until_it_is_done() -> None:
    script = Script(fails, ends)
    background = Background({}, one_off={"import": script.run}, pauses=PAUSES)

    async with background:
        assert [status.name for status in background.statuses] == ["import"]
        await until(lambda: not background.statuses)

    assert not script.goes_on.is_set()
