"""The pace of work that nobody waits for at a door."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Pace:
    """All of the time while nobody else has anything to do, or half of it."""

    def __init__(self, are_others_busy: Callable[[], bool]) -> None:
        self._are_others_busy = are_others_busy

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Let others have their turn after what is done in it: for as long as that took."""
        begun = time.monotonic()
        yield
        taken = time.monotonic() - begun
        await asyncio.sleep(taken if self._are_others_busy() else 0)
