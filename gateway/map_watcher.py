"""Follows `stores.yaml`: a valid edit takes effect, an invalid one leaves the last good map.

The file's content is polled: that sees edits in place, swaps by rename and mounted volumes alike.
An edit counts when two polls in a row read the same, so that a half-written file is never used.
"""

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path

from contract.errors import StoreMapError
from contract.messages import MapStatus
from contract.store_map import StoreMap, parse_store_map

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5


class MapWatcher:
    """The store map in force. A request takes `current` once and keeps it to its end."""

    def __init__(self, path: Path) -> None:
        """Read the map that the gateway starts with. Raises StoreMapError."""
        self._path = path
        self._used = self._read = _read(path)
        self.error: str | None = None
        self._take(self._parsed(self._used))

    @property
    def status(self) -> MapStatus:
        """What `/v1/cluster` shows."""
        return MapStatus(
            version=self.current.version,
            path=str(self._path),
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
        before, self._read = self._read, await asyncio.to_thread(_read, self._path)
        if self._read != before or self._read == self._used:
            return
        self._used = self._read
        try:
            self._take(await asyncio.to_thread(self._parsed, self._used))
        except StoreMapError as error:
            self.error = error.detail
            log.error("the last good map stays: %s", error.detail)
        else:
            log.warning("store map %s is in force", self.current.version)

    def _parsed(self, content: bytes | str) -> StoreMap:
        if isinstance(content, str):
            raise StoreMapError(f"{self._path}: {content}")
        return parse_store_map(content, self._path)

    def _take(self, stores: StoreMap) -> None:
        self.current = stores
        self.loaded_at = datetime.now(UTC)
        self.error = None


def _read(path: Path) -> bytes | str:
    """Return the file's content, or as text why it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        return error.strerror or str(error)
