"""Slows down who is refused again and again: the answer waits, and with it the connection."""

import asyncio
from collections.abc import Awaitable, Callable

from contract.errors import TooManyRequests
from gateway.access.request_rates import RequestRate

AT_ONCE = 60
"""Refusals that one address is answered at once in a minute: of a camera that has lost its key."""
PAUSE_SECONDS = 1.0
"""How long each further one waits: as an address has a quarter of the connections at most, it gets
some hundred answers a second, which take a tenth of a core, instead of all that a core can give."""


class RefusalBrake:
    """Counts refusals by address; nobody waits who is let in, whatever came from there."""

    def __init__(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Wait by `pause`."""
        self._rate = RequestRate(AT_ONCE, "refusals")
        self._pause = pause

    async def slow_down(self, address: str) -> None:
        """Wait before a refusal is answered, where the address has had many."""
        try:
            self._rate.take(address)
        except TooManyRequests:
            await self._pause(PAUSE_SECONDS)
