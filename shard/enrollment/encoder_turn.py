"""Turns at the encoder for pictures that nobody waits for: cameras come first."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from contract.deadline import Deadline
from contract.errors import Busy

T = TypeVar("T")

PICTURE_SECONDS = 60.0
"""For one picture, once it has its turn."""
_BUSY_SECONDS = 1.0


async def when_not_busy(work: Callable[[Deadline], Awaitable[T]]) -> T:
    """Return what `work` returns; while it raises Busy, begin it again after a pause."""
    while True:
        try:
            return await work(Deadline(PICTURE_SECONDS))
        except Busy:
            await asyncio.sleep(_BUSY_SECONDS)
