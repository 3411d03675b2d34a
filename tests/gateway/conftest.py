"""The chain that most tests of the gateway use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.chain import Chain, running


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[Chain]:
    """Three stores with one shard each: Anna in store-a, Bob in store-b, Carl in store-c."""
    async with running(tmp_path) as chain:
        yield chain
