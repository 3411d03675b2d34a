"""Makes the inverted lists of a store that wants them, as it grows."""

import asyncio
import logging

from contract.errors import Busy, NotReady, StorageUnavailable
from shard.service import Service

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0


class ListMaking:
    """Looks whether there are faces enough for lists, or for others; see Collection.make_lists."""

    def __init__(self, service: Service, seconds: float = LOOK_SECONDS) -> None:
        """Prepare to look every `seconds`."""
        self._service = service
        self._seconds = seconds

    async def run(self) -> None:
        """Make lists whenever they are wanted, for ever."""
        while True:
            await self.step()
            await asyncio.sleep(self._seconds)

    async def step(self) -> None:
        """Make the lists that are wanted now; searches and changes go on meanwhile."""
        try:
            collection = self._service.complete_collection()
            threads = self._service.threads
            made = await threads.long(None, lambda _: collection.make_lists(threads.check_open))
        except (Busy, NotReady, StorageUnavailable):
            return  # no faces yet, or other long work first: at the next look
        if made:
            log.info("lists made: %s", collection.index_status)
