"""Keeps beside the faces what a start would have to compute."""

import asyncio
import logging

from contract.errors import Busy, StorageError
from shard.index.collection import Collection
from shard.service import Service

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
"""The pause between two looks: of so much the places are told anew when the process is killed."""
_PLACES = 1000
"""Places stored at once, in some 20 ms."""
_REST_SECONDS = 0.05
"""The pause between two writes, for others who write."""


class IndexUpkeep:
    """Stores the places that the index has told, while the gallery is open to be written."""

    def __init__(self, service: Service, seconds: float = LOOK_SECONDS) -> None:
        """Prepare to look every `seconds`."""
        self._service = service
        self._seconds = seconds

    async def run(self) -> None:
        """Store what is new, again and again."""
        while True:
            await asyncio.sleep(self._seconds)
            await self.step()

    async def step(self) -> None:
        """Store all that is new by now; what cannot be stored waits."""
        try:
            stored = _PLACES
            while stored >= _PLACES:
                stored = await self._service.threads.record(None, self._store)
                await asyncio.sleep(_REST_SECONDS)
        except Busy:
            return
        except StorageError as error:
            log.warning("what the index has told cannot be stored now: %s", error.detail)

    def _store(self) -> int:
        """Store some places on the record's thread, and return how many."""
        collection: Collection | None = self._service.loaded_collection
        return 0 if collection is None else collection.store_places(_PLACES)
