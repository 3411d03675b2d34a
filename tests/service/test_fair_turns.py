"""Who waits for a place is let in by turns, whatever crowd waits beside."""

import asyncio

import pytest

from service.fair_turns import FairTurns, WaitingLine


async def settle() -> None:
    """Let every task go on as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


class Crowd:
    """Visits of one line: who was let in is in `order`, and leaves when `door` opens."""

    def __init__(self, order: list[str]) -> None:
        self.order = order
        self.door = asyncio.Semaphore(0)

    def come(self, line: WaitingLine, name: str) -> "asyncio.Task[None]":
        async def visit() -> None:
            async with line:
                self.order.append(name)
                await self.door.acquire()

        return asyncio.create_task(visit())


@pytest.fixture
def crowd() -> Crowd:
    return Crowd([])


async def test_a_crowd_in_one_line_costs_who_comes_later_in_another_one_turn(crowd: Crowd) -> None:
    turns = FairTurns(1)
    busy, quiet = turns.line(), turns.line()
    tasks = [crowd.come(busy, f"busy-{n}") for n in range(4)]
    await settle()
    tasks += [crowd.come(quiet, f"quiet-{n}") for n in range(2)]
    for _ in tasks:
        await settle()
        crowd.door.release()
    await asyncio.gather(*tasks)

    assert crowd.order == ["busy-0", "busy-1", "quiet-0", "busy-2", "quiet-1", "busy-3"]
    assert turns.taken == 0


async def test_there_are_never_more_inside_than_places(crowd: Crowd) -> None:
    turns = FairTurns(2)
    tasks = [crowd.come(turns.line(), str(n)) for n in range(5)]
    await settle()

    assert (len(crowd.order), turns.taken) == (2, 2)
    for _ in tasks:
        crowd.door.release()
    await asyncio.gather(*tasks)
    assert len(crowd.order) == 5


async def test_who_gives_up_waiting_takes_no_turn(crowd: Crowd) -> None:
    turns = FairTurns(1)
    line = turns.line()
    first, second, third = (crowd.come(line, name) for name in "abc")
    await settle()
    second.cancel()
    crowd.door.release()
    await first
    await settle()

    assert (crowd.order, line.waiting) == (["a", "c"], 0)
    crowd.door.release()
    await third
    assert second.cancelled()


async def test_who_gives_up_at_the_moment_of_being_let_in_gives_the_place_back(
    crowd: Crowd,
) -> None:
    turns = FairTurns(1)
    line = turns.line()
    async with line:
        waiting = crowd.come(line, "a")
        await settle()
    waiting.cancel()
    await settle()

    assert (crowd.order, turns.taken) == ([], 0)
