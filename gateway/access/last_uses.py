"""When keys and sessions were last used: noted in memory, and now and then in the record."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

from contract.errors import FacegateError
from gateway.clock.clock import Clock

K = TypeVar("K")

NOTE_SECONDS = 60.0
"""How often the record is told."""


class LastUses(Generic[K]):
    """Notes uses, of which `store` tells the record; those of the last minute may be lost."""

    def __init__(self, store: Callable[[Mapping[K, int]], Awaitable[None]], clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._uses: dict[K, int] = {}
        self._told = time.monotonic()

    def note(self, used: K) -> None:
        """Note that something is used now."""
        self._uses[used] = self._clock()

    def of(self, used: K) -> int | None:
        """Return when something was used that the record does not know of yet."""
        return self._uses.get(used)

    async def tell_in_time(self) -> None:
        """Tell the record, where it was told long ago. Raises StorageError."""
        if time.monotonic() - self._told >= NOTE_SECONDS:
            self._told = time.monotonic()
            await self.tell()

    async def tell(self) -> None:
        """Tell the record what was used since the last time. Raises StorageError."""
        if not self._uses:
            return
        uses, self._uses = self._uses, {}
        try:
            await self._store(uses)
        except FacegateError:
            self._uses = uses | self._uses
            raise
