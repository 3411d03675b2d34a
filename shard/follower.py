"""A read-only replica: it reads the gallery that another shard writes, and follows its changes."""

import asyncio
import logging
from pathlib import Path

from contract.errors import (
    ConfigurationError,
    FilesGone,
    StorageDamaged,
    StorageError,
    StorageForeign,
)
from shard.gallery.gallery import Gallery
from shard.service import Service

log = logging.getLogger(__name__)


class Follower:
    """Keeps a replica's index equal to the gallery in the file `path`."""

    def __init__(self, service: Service, path: Path, seconds: float = 1.0) -> None:
        """Prepare to look every `seconds`."""
        self._service = service
        self._path = path
        self._seconds = seconds
        self._trouble = ""

    async def step(self) -> None:
        """Take over what is new.

        Raises ConfigurationError when the gallery cannot be served; while it is not there, or the
        first import into it is not over, the service waits.
        """
        service = self._service
        try:
            if not service.loaded:
                await service.load(lambda: Gallery.follow_unchecked(self._path, service.store.id))
            service.problem = None  # unless it is found again
            await service.threads.record(None, service.collection.catch_up)
            if service.waiting_for is not None and await service.threads.record(
                None, service.collection.gallery.imports.is_complete
            ):
                service.waiting_for = None
            elif service.waiting_for is not None:
                service.waiting_for = "the shard that writes the gallery is importing pictures"
        except (FilesGone, StorageDamaged, StorageForeign) as error:
            service.problem = error.detail
            await service.unload()
        except StorageError as error:
            if error.detail != self._trouble:
                log.warning("the gallery cannot be read now: %s", error.detail)
            self._trouble = error.detail

    async def run(self) -> None:
        """Follow for ever. Raises ConfigurationError when the gallery is another model's now."""
        while True:
            await asyncio.sleep(self._seconds)
            try:
                await self.step()
            except ConfigurationError as error:
                self._service.waiting_for = error.detail
                raise
