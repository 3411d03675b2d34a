"""An open record, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.record.database import Database


@pytest.fixture
async def database(record_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.at(record_url, tmp_path) as database:
        yield database
