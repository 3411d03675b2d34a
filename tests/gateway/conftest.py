"""The chain and the record that most tests of the gateway use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.record.database import Database
from tests.gateway.fake_chain import Chain, running


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[Chain]:
    """Three stores with one shard each: Anna in store-a, Bob in store-b, Carl in store-c."""
    async with running(tmp_path) as chain:
        yield chain


@pytest.fixture
async def database(record_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """An open record, on SQLite and on PostgreSQL."""
    async with Database.at(record_url, tmp_path) as database:
        yield database
