"""Keeps beside the faces what a start would have to compute."""

import asyncio
import logging
import math
import time
from typing import NamedTuple
from weakref import ref

from contract.deadline import Deadline
from contract.errors import Busy, DeadlineExceeded, NotReady, StorageError
from shard.index.collection import Collection
from shard.service import Service

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
"""The pause between two looks: of so much the places are told anew when the process is killed."""
_SNAPSHOT_SECONDS = 600.0
"""The least time between two snapshots: one of a million faces is half a gigabyte."""
_PLACES = 1000
"""Places stored at once, in some 20 ms."""
_REST_SECONDS = 0.05
"""The pause between two writes, for others who write."""
END_SECONDS = 6.0
"""How long an end may take to write the last snapshots: `facegate up` gives a shard 15 seconds."""


class _Kept(NamedTuple):
    """Of which collection everything is kept up to a change."""

    collection: ref[Collection]
    seq: int

    def is_all_of(self, collection: Collection) -> bool:
        return self.collection() is collection and self.seq == collection.seq


class IndexUpkeep:
    """Stores the places that the index has told, and snapshots of it, of an open gallery."""

    def __init__(
        self,
        service: Service,
        seconds: float = LOOK_SECONDS,
        snapshot_seconds: float = _SNAPSHOT_SECONDS,
    ) -> None:
        """Prepare to look every `seconds`, and to write no snapshot sooner after another one."""
        self._service = service
        self._seconds = seconds
        self._snapshot_seconds = snapshot_seconds
        self._last_snapshot = -math.inf
        self._done: _Kept | None = None

    async def run(self) -> None:
        """Store what is new, again and again."""
        while True:
            await asyncio.sleep(self._seconds)
            await self.step()

    async def step(self) -> None:
        """Store all that is new by now; what cannot be stored waits."""
        collection = self._service.loaded_collection
        if collection is None or (self._done and self._done.is_all_of(collection)):
            return
        all_by_now = _Kept(ref(collection), collection.seq)
        try:
            await self._store_places()
            if time.monotonic() >= self._last_snapshot + self._snapshot_seconds:
                await self._write_snapshots()
                self._done = all_by_now
        except (Busy, NotReady):
            return
        except StorageError as error:
            log.warning("what the index has told cannot be stored now: %s", error.detail)

    async def finish(self, deadline: Deadline) -> None:
        """Store what is new before the gallery is closed, as far as there is time."""
        collection = self._service.loaded_collection
        if collection is None or self._service.problem is not None:
            return

        def finish() -> None:
            collection.store_places(_PLACES)
            for confirm in collection.write_snapshots(deadline.check, share=0.0):
                confirm()

        try:
            await self._service.threads.record(None, finish)
        except (Busy, DeadlineExceeded, StorageError) as error:
            log.warning("the next start reads the record: %s", error)

    async def _write_snapshots(self) -> None:
        collection, threads = self._service.complete_collection(), self._service.threads
        written = await threads.long(None, collection.write_snapshots)

        def confirm() -> None:
            if self._service.loaded_collection is collection:  # else its gallery is closed
                for each in written:
                    each()

        if written:
            self._last_snapshot = time.monotonic()
            await threads.record(None, confirm)

    async def _store_places(self) -> None:
        stored = _PLACES
        while stored >= _PLACES:
            stored = await self._service.threads.record(None, self._store)
            await asyncio.sleep(_REST_SECONDS)

    def _store(self) -> int:
        """Store some places on the record's thread, and return how many."""
        collection = self._service.loaded_collection
        return 0 if collection is None else collection.store_places(_PLACES)
