"""Stores that look at their files now and then do so together, and each hears of its own."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

import pytest

from contract.deadline import Deadline
from contract.errors import StorageUnavailable
from service.bounded_threads import BoundedThreads
from shard.joint_looks import JointLooks

T = TypeVar("T")


@pytest.fixture
def threads() -> Iterator[BoundedThreads]:
    threads = BoundedThreads(2, "files")
    yield threads
    threads.close()


class CountedThreads(BoundedThreads):
    """Threads that count how often one was woken."""

    calls = 0

    async def run(self, deadline: Deadline | None, call: Callable[[], T]) -> T:
        self.calls += 1
        return await super().run(deadline, call)


async def test_those_who_come_within_a_moment_wake_one_thread() -> None:
    threads, seen = CountedThreads(2, "files"), list[int]()
    looks = JointLooks(threads)

    for _ in range(2):
        await asyncio.gather(*(looks.look(partial(seen.append, n)) for n in range(50)))

    assert seen == [*range(50), *range(50)]
    assert threads.calls == 2
    threads.close()


async def test_what_one_raises_is_raised_for_it_alone(threads: BoundedThreads) -> None:
    looks = JointLooks(threads)

    def gone() -> None:
        raise StorageUnavailable("gone")

    def odd() -> None:
        raise ValueError("odd")

    outcomes = await asyncio.gather(
        looks.look(gone), looks.look(lambda: None), looks.look(odd), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [StorageUnavailable, type(None), ValueError]
    await looks.look(lambda: None)


async def test_who_gives_up_keeps_no_other_from_looking(threads: BoundedThreads) -> None:
    looks = JointLooks(threads)
    gives_up = asyncio.create_task(looks.look(lambda: None))
    stays = asyncio.create_task(looks.look(lambda: None))
    await asyncio.sleep(0)
    gives_up.cancel()

    await stays
    with pytest.raises(asyncio.CancelledError):
        await gives_up


async def test_threads_that_have_ended_leave_nobody_waiting() -> None:
    threads = BoundedThreads(1, "files")
    threads.close()

    with pytest.raises(RuntimeError):
        await JointLooks(threads).look(lambda: None)


async def test_who_comes_while_others_look_is_next(threads: BoundedThreads) -> None:
    looks, begun, may_end = JointLooks(threads), threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        may_end.wait(timeout=60)

    first = asyncio.create_task(looks.look(slow))
    await asyncio.to_thread(begun.wait, 60)
    second = asyncio.create_task(looks.look(lambda: None))
    await asyncio.sleep(0)
    may_end.set()

    await asyncio.gather(first, second)
