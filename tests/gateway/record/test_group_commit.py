"""Small writes that wait for the same thread share a commit, and nothing else."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from contract.deadline import Deadline
from contract.errors import Busy, DeadlineExceeded, StorageFull
from gateway.record.database import Database
from tests.gateway.record.test_database import note, notes

COUNT = 6


def noted(connection: sa.Connection, text: str) -> int:
    """Note `text`, and return which transaction it is in."""
    note(connection, text)
    return id(connection.get_transaction())


@asynccontextmanager
async def held(database: Database) -> AsyncIterator[Callable[[], None]]:
    """Keep the thread that writes busy until the yielded function is called."""
    inside, go_on = threading.Event(), threading.Event()

    def hold(connection: sa.Connection) -> None:
        inside.set()
        assert go_on.wait(60)

    holding = asyncio.create_task(database.write(None, hold))
    assert await asyncio.to_thread(inside.wait, 10)
    try:
        yield go_on.set
    finally:
        go_on.set()
        await holding


async def several(database: Database, work: Callable[[sa.Connection, str], int]) -> list[object]:
    """Write small things while the thread is busy, and return what became of them."""
    async with held(database) as go_on:
        tasks = [
            asyncio.create_task(database.write_grouped(None, work, str(number)))
            for number in range(COUNT)
        ]
        await asyncio.sleep(0)
        go_on()
        return list(await asyncio.gather(*tasks, return_exceptions=True))


async def test_what_waits_together_is_one_transaction_in_its_order(tmp_path: Path) -> None:
    async with Database.at(None, tmp_path) as database:
        transactions = await several(database, noted)

        assert len(set(transactions)) == 1
        assert await database.read(None, notes) == [str(number) for number in range(COUNT)]


async def test_one_that_fails_fails_alone(database: Database) -> None:
    def some(connection: sa.Connection, text: str) -> int:
        number = noted(connection, text)
        if text in {"1", "4"}:
            raise Busy(f"not {text}")
        return number

    outcomes = await several(database, some)

    assert [isinstance(outcome, Busy) for outcome in outcomes] == [
        number in {1, 4} for number in range(COUNT)
    ]
    assert str(outcomes[4]) == "not 4"
    assert sorted(await database.read(None, notes)) == ["0", "2", "3", "5"]


async def test_a_disk_that_is_full_for_one_is_not_for_the_others(tmp_path: Path) -> None:
    async with Database.at(None, tmp_path) as database:

        def limit(connection: sa.Connection) -> None:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

        def some(connection: sa.Connection, text: str) -> int:
            return noted(connection, "x" * 100_000 if text == "2" else text)

        await database.write(None, limit)
        outcomes = await several(database, some)

        assert [type(outcome) for outcome in outcomes] == [
            StorageFull if number == 2 else int for number in range(COUNT)
        ]
        assert await database.read(None, notes) == ["0", "1", "3", "4", "5"]


async def test_who_no_longer_waits_writes_nothing(tmp_path: Path) -> None:
    async with Database.at(None, tmp_path) as database:
        async with held(database) as go_on:
            with pytest.raises(DeadlineExceeded):
                await database.write_grouped(Deadline(0.01), noted, "late")
            waiting = asyncio.create_task(database.write_grouped(None, noted, "in time"))
            await asyncio.sleep(0)
            go_on()
            await waiting

        assert await database.read(None, notes) == ["in time"]
