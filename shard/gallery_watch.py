"""Opens the gallery, and watches that its file stays sound and at its path.

A file that cannot be used keeps the shard from answering, not from running: `Service.problem` says
what is wrong, and the gallery is opened as soon as another file is there.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from contract.errors import (
    Busy,
    ConfigurationError,
    FilesGone,
    StorageDamaged,
    StorageError,
    StorageForeign,
)
from service.background import Background, Job
from shard.gallery.gallery import Gallery
from shard.service import Service

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
"""A request notices by itself what is wrong with the file that it reads."""


class _FileState(NamedTuple):
    """What differs between two files that were at one path."""

    inode: int
    size: int
    changed: int
    mode: int


class GalleryWatch:
    """Keeps the service's gallery open; one at a time."""

    def __init__(self, service: Service, path: Path, open_gallery: Callable[[], Gallery]) -> None:
        """Prepare to look at the file `path`."""
        self._service = service
        self._path = path
        self._open_gallery = open_gallery
        self._damaged: _FileState | None = None

    async def open(self) -> None:
        """Open the gallery, or say in the service's `problem` why that cannot be.

        Raises ConfigurationError when the cause is not the file, but the settings.
        """
        self._damaged = None
        try:
            await self._service.load(self._open_gallery)
        except StorageDamaged as error:
            self._damaged = _file_state(self._path)
            self._set_problem(_advice(error, self._service.store.id))
        except StorageForeign as error:
            self._damaged = _file_state(self._path)
            self._set_problem(error.detail)
        except StorageError as error:
            self._set_problem(error.detail)
        else:
            self._set_problem(None)

    async def run(self, complete: Job, further: Mapping[str, Job] = MappingProxyType({})) -> None:
        """Watch for ever; `complete` is run beside, for each gallery that is opened.

        So is what `further` there is to do to its end.
        """
        while True:
            if self._service.loaded:
                async with Background({}, one_off={"import": complete, **further}) as work:
                    self._service.import_work = work
                    await self._until_damaged()
                await self._service.unload()
            await asyncio.sleep(_LOOK_SECONDS)
            await self._try_again()

    async def _until_damaged(self) -> None:
        """Look until something could not be read; a file that is gone may come back."""
        while gallery := self._service.gallery:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self._service.threads.look(gallery.file.check)
            except FilesGone as error:
                self._set_problem(error.detail)
            except StorageDamaged as error:
                self._set_problem(_advice(error, self._service.store.id))
                return
            except Busy:  # looks again in a moment
                continue
            else:
                self._set_problem(None)

    async def _try_again(self) -> None:
        if self._damaged is not None and _file_state(self._path) == self._damaged:
            return  # its pages have been looked through
        try:
            await self.open()
        except ConfigurationError as error:
            self._set_problem(error.detail)

    def _set_problem(self, problem: str | None) -> None:
        if problem != self._service.problem:
            log.error("%s", problem or "the gallery can be used again")
        self._service.problem = problem


def _advice(error: StorageDamaged, store: str) -> str:
    return f"{error.detail}. What can be read of it is kept by: facegate stores repair {store}"


def _file_state(path: Path) -> _FileState | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return _FileState(found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode)
