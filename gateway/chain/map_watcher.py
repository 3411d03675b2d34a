"""The store map in force: follows `stores.yaml`, and keeps the last good map."""

import asyncio
import logging
from datetime import UTC, datetime

from contract.errors import StoreMapError
from contract.messages.cluster import MapStatus
from contract.stores.last_good_map import LastGoodMap
from contract.stores.map_file import MapFile
from contract.stores.map_follower import MapFollower
from contract.stores.store_map import StoreMap

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5


class MapWatcher:
    """The store map in force. A request takes `current` once and keeps it to its end."""

    def __init__(self, file: MapFile, kept: LastGoodMap) -> None:
        """Read the map that the gateway starts with. Raises StoreMapError."""
        self._follower = MapFollower(file, kept)
        self.error: str | None = None
        self._take(self._follower.first)

    @property
    def status(self) -> MapStatus:
        """What `/v1/cluster` shows."""
        return MapStatus(
            version=self.current.version,
            path=str(self._follower.path),
            loaded_at=self.loaded_at.isoformat(timespec="seconds"),
            error=self.error,
        )

    async def run(self) -> None:
        """Follow the file for ever."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            await self.poll()

    async def poll(self) -> None:
        """Look at the file once."""
        try:
            stores = await asyncio.to_thread(self._follower.look)
        except StoreMapError as error:
            self.error = error.detail
            log.error("the last good map stays: %s", error.detail)
            return
        if stores is not None:
            self._take(stores)
            log.warning("store map %s is in force", self.current.version)

    def _take(self, stores: StoreMap) -> None:
        self.current = stores
        self.loaded_at = datetime.now(UTC)
        self.error = None
