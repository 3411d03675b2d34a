"""Galleries in the data folder whose store the map does not name: nobody knows their faces."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from contract.messages.cluster import StoredGallery
from contract.stores.store_map import StoreMap
from contract.stores.stored_galleries import orphaned_galleries

LOOK_SECONDS = 5.0


class OrphanedGalleries:
    """What lies in the folder `data`, where the shards of this machine keep theirs, too."""

    def __init__(self, data: Path, current: Callable[[], StoreMap]) -> None:
        self._data = data
        self._current = current
        self._found: list[StoredGallery] = []

    @property
    def found(self) -> list[StoredGallery]:
        """The orphaned galleries, a few seconds ago."""
        return self._found

    async def run(self) -> None:
        """Look for ever."""
        while True:
            stores = list(self._current().stores)
            self._found = await asyncio.to_thread(orphaned_galleries, self._data, stores)
            await asyncio.sleep(LOOK_SECONDS)
