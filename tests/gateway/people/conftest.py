"""The chain that most tests about members use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.people.chain import Chain, running


@pytest.fixture
async def chain(slow: None, tmp_path: Path) -> AsyncIterator[Chain]:
    """Three stores with one real shard each, nobody enrolled."""
    async with running(tmp_path) as chain:
        yield chain
