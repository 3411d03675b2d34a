"""The record opens, stores or says that it cannot, and never holds the event loop."""

import asyncio
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from contract.deadline import Deadline
from contract.errors import (
    Busy,
    ConfigurationError,
    DeadlineExceeded,
    StorageFull,
    StorageUnavailable,
)
from gateway.record.database import Database
from gateway.record.feed.schema import events
from gateway.record.people.merges import merge_faces, read_merge
from gateway.record.schema import metadata
from gateway.record.store_locks import lock_stores


def note(connection: sa.Connection, text: str, store: str = "a") -> int:
    lock_stores(connection, store)
    values = {"store": store, "kind": "test", "at": 0, "payload": {"text": text}}
    key = connection.execute(sa.insert(events).values(values)).inserted_primary_key
    assert key is not None
    number: int = key[0]
    return number


def notes(connection: sa.Connection) -> list[str]:
    rows = connection.scalars(sa.select(events.c.payload).order_by(events.c.seq))
    return [payload["text"] for payload in rows]


async def test_the_migrations_make_the_tables_that_the_code_expects(database: Database) -> None:
    def differences(connection: sa.Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    assert await database.read(None, differences) == []


async def test_what_is_written_is_there_after_a_restart(record_url: str, tmp_path: Path) -> None:
    async with Database.at(record_url, tmp_path) as database:
        await database.write(None, note, "门店 één")

    async with Database.at(record_url, tmp_path) as database:
        assert await database.read(None, notes) == ["门店 één"]


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    def fail(connection: sa.Connection) -> None:
        note(connection, "half")
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(None, fail)

    assert await database.read(None, notes) == []


async def test_a_reader_waits_for_no_writer(database: Database) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def write(connection: sa.Connection) -> None:
        note(connection, "slow")
        inside.set()
        assert go_on.wait(60)

    writing = asyncio.create_task(database.write(None, write))
    await asyncio.to_thread(inside.wait, 10)

    assert await database.read(None, notes) == []
    go_on.set()
    await writing
    assert await database.read(None, notes) == ["slow"]


async def test_who_cannot_wait_is_told_so(database: Database) -> None:
    go_on = threading.Event()

    def wait(connection: sa.Connection) -> None:
        assert go_on.wait(60)

    waiting = [asyncio.create_task(database.write(None, wait)) for _ in range(256)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await database.write(None, note, "one too many")
    go_on.set()
    await asyncio.gather(*waiting)
    go_on.clear()
    with pytest.raises(DeadlineExceeded):
        await database.write(Deadline(0.05), wait)
    go_on.set()


async def test_a_second_gateway_may_not_write_the_same_file(tmp_path: Path) -> None:
    async with Database.at(None, tmp_path):
        with pytest.raises(ConfigurationError, match="another gateway writes this record"):
            await Database.at(None, tmp_path).__aenter__()


async def test_several_gateways_share_a_postgresql(postgresql_url: str, tmp_path: Path) -> None:
    one, two = (Database.at(postgresql_url, tmp_path) for _ in range(2))
    async with one, two:
        await asyncio.gather(
            *(database.write(None, note, "x") for database in (one, two) for _ in range(20))
        )

        assert len(await one.read(None, notes)) == 40


async def test_the_events_of_a_store_become_visible_in_their_order(
    postgresql_url: str, tmp_path: Path
) -> None:
    """Sequences are given out before the commit: without the lock, 2 could be seen before 1."""
    first_has_number, go_on = threading.Event(), threading.Event()

    def slow(connection: sa.Connection) -> None:
        note(connection, "first")
        first_has_number.set()
        assert go_on.wait(60)

    async with Database.at(postgresql_url, tmp_path) as database:
        first = asyncio.create_task(database.write(None, slow))
        await asyncio.to_thread(first_has_number.wait, 10)
        second = asyncio.create_task(database.write(None, note, "second"))
        await database.write(None, note, "of another store", "b")

        assert await database.read(None, notes) == ["of another store"]
        go_on.set()
        await asyncio.gather(first, second)
        assert await database.read(None, notes) == ["first", "of another store", "second"]


async def test_a_newer_schema_is_refused(record_url: str, tmp_path: Path) -> None:
    def upgrade(connection: sa.Connection) -> None:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    async with Database.at(record_url, tmp_path) as database:
        await database.write(None, upgrade)

    with pytest.raises(ConfigurationError, match="written by another release"):
        await Database.at(record_url, tmp_path).__aenter__()


async def test_a_full_disk_is_a_storage_error_and_passes(tmp_path: Path) -> None:
    async with Database.at(None, tmp_path) as database:

        def limit(connection: sa.Connection, pages: int) -> None:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

        await database.write(None, limit, 1)
        with pytest.raises(StorageFull):
            await database.write(None, note, "x" * 100_000)
        await database.write(None, limit, 1_000_000)
        await database.write(None, note, "y")

        assert await database.read(None, notes) == ["y"]


async def test_a_file_that_is_no_database_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "gateway.sqlite").write_bytes(b"not a database" * 100)

    with pytest.raises(StorageUnavailable):
        await Database.at(None, tmp_path).__aenter__()


async def test_a_server_that_is_not_there_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        await Database.at("postgresql://u:secret@127.0.0.1:1/d", tmp_path).__aenter__()


async def test_nothing_stays_open(record_url: str, tmp_path: Path) -> None:
    async with Database.at(record_url, tmp_path) as database:
        await database.write(None, note, "x")
    before = open_things()

    async with Database.at(record_url, tmp_path) as database:
        await database.write(None, note, "x")
        await database.read(None, notes)

    assert open_things() == before


def open_things() -> tuple[int, int]:
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


async def test_a_merge_is_read_without_locking_it(database: Database) -> None:
    number = await database.write(None, merge_faces, ("a", "x"), ("a", "y"), 0)

    state = await database.read(None, read_merge, number)

    assert (state.merge, state.pending) == (str(number), True)
