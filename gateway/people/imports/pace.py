"""The pace of work that nobody waits for at a door: half of the time."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def half_of_the_time() -> AsyncIterator[None]:
    """Rest after what is done in it, for as long as that took."""
    begun = time.monotonic()
    yield
    await asyncio.sleep(time.monotonic() - begun)
