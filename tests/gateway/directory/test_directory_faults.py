"""A gateway or a database that is killed in the middle leaves a directory that becomes right."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests import postgresql
from tests.gateway.directory.roaming_shard import RoamingShard
from tests.gateway.directory.test_directory import (
    STORES,
    asked,
    chain_with,
    filled,
    many_stores,
    point,
    shard,
)
from tests.gateway.fake_chain import STRANGER, Chain, until
from tests.gateway.fakes import FakeShard
from tests.ports import free_port

pytestmark = pytest.mark.processes

MANY = 60


def stores_with_many() -> dict[str, list[FakeShard]]:
    """Ten stores, of which the last has many members, and tells of one at a time."""
    stores = many_stores()
    [big] = stores[f"store-{STORES - 1}"]
    assert isinstance(big, RoamingShard)
    big.page = 1
    for number in range(MANY):
        big.member(f"many-{number}", point(1000 + number))
    return stores


def numbers(url: str) -> list[tuple[str, int]]:
    """Return whom the directory has: stores and numbers."""
    with psycopg.connect(url) as connection:
        query = "SELECT store, number FROM directory_entries ORDER BY store, number"
        try:
            return [(store, number) for store, number in connection.execute(query)]
        except psycopg.errors.UndefinedTable:
            return []


def expected(chain: Chain) -> list[tuple[str, int]]:
    return sorted(
        (store, number)
        for store in chain.stores
        for number, _ in shard(chain, store).numbers.values()
    )


@contextmanager
def gateway_process(chain: Chain, folder: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a second gateway of the chain in a process of its own."""
    settings = {"STORES": chain.path, "DATA": folder, "PORT": free_port(), "DIRECTORY_URL": url}
    environment = {f"FACEGATE_{name}": str(value) for name, value in settings.items()}
    with subprocess.Popen(
        [sys.executable, "-m", "gateway"],
        env={**os.environ, **environment},
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


async def test_a_gateway_that_is_killed_while_it_fills_leaves_work_to_the_next(
    tmp_path: Path, postgresql_url: str
) -> None:
    stores = stores_with_many()
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    (tmp_path / "killed").mkdir()
    async with chain_with(tmp_path, nowhere, stores) as chain:
        with gateway_process(chain, tmp_path / "killed", postgresql_url) as gateway:
            await until(lambda: len(numbers(postgresql_url)) > STORES + 3)
            gateway.send_signal(signal.SIGKILL)
        assert len(numbers(postgresql_url)) < STORES + MANY

    async with chain_with(tmp_path, postgresql_url, stores) as chain:
        await filled(chain, STORES + MANY)
        assert numbers(postgresql_url) == expected(chain)
        [face] = (await chain.recognize("store-0", point(1000 + MANY - 1)))["faces"]
        assert face["store"] == f"store-{STORES - 1}"


async def test_a_database_that_crashes_while_it_is_filled_is_filled_to_the_end(
    tmp_path: Path,
) -> None:
    with postgresql.own_server() as server:
        async with chain_with(tmp_path, server.url, stores_with_many()) as chain:
            await until(lambda: len(numbers(server.url)) > STORES)
            server.crash()

            answer = await chain.recognize("store-0", point(7))
            assert answer["faces"][0]["face_id"] == "m-7"
            assert answer["coverage"]["complete"]
            assert answer["coverage"]["directory"] is None

            server.start()
            await filled(chain, STORES + MANY)
            assert numbers(server.url) == expected(chain)
            asked(chain)
            await chain.recognize("store-0", STRANGER, mint=False)
            assert len(asked(chain)) == 3


async def test_a_directory_of_a_former_time_is_brought_up_to_date(
    tmp_path: Path, postgresql_url: str
) -> None:
    tables = ("directory_stores", "directory_entries")
    async with chain_with(tmp_path, postgresql_url) as chain:
        await filled(chain)
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            for table in tables:
                connection.execute(f"CREATE TABLE old_{table} AS TABLE {table}".encode())
        shard(chain, "store-7").remove("m-7")
        shard(chain, "store-5").member("new", STRANGER)
        await filled(chain)

        with psycopg.connect(postgresql_url) as connection:
            for table in reversed(tables):
                connection.execute(f"DELETE FROM {table}".encode())
            for table in tables:
                connection.execute(f"INSERT INTO {table} TABLE old_{table}".encode())

        await until(lambda: numbers(postgresql_url) == expected(chain))
        await filled(chain)
        [face] = (await chain.recognize("store-0", STRANGER))["faces"]
        assert face["face_id"] == "new"


async def test_a_gallery_of_a_former_time_is_read_anew(tmp_path: Path, postgresql_url: str) -> None:
    stores = many_stores()
    async with chain_with(tmp_path, postgresql_url, stores) as chain:
        older = shard(chain, "store-5")
        older.member("new", STRANGER)
        older.member("newer", point(77))
        await filled(chain, STORES + 2)

        del older.faces["newer"], older.numbers["newer"]
        older.last -= 1

        await filled(chain, STORES + 1)
        assert numbers(postgresql_url) == expected(chain)
