"""Delivers what was decided about people to shards: at once, or when they answer again."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

from contract.errors import ShardError, ShardRefused
from contract.stores.store_map import Store, StoreMap
from gateway.chain.shards import Shards
from gateway.directory.directory import Directory
from gateway.periodic import for_each
from gateway.shard_updates.updates import ShardUpdate

log = logging.getLogger(__name__)

_UPDATE = "decisions"
_DIRECTORY_SECONDS = 2.0
"""How long whoever decided something waits for the directory."""


class ShardUpdates:
    """Delivers updates of several kinds, in the order of the kinds."""

    def __init__(
        self,
        kinds: Sequence[ShardUpdate],
        shards: Shards,
        current: Callable[[], StoreMap],
        directory: Directory | None = None,
    ) -> None:
        self._kinds = kinds
        self._shards = shards
        self._stale_stores = shards.stale_stores
        self._current = current
        self._directory = directory

    async def start(self) -> None:
        """Mark the stores stale that an earlier process has left with pending updates."""
        self._stale_stores.replace(_UPDATE, await self._pending())

    async def step(self) -> None:
        """Deliver the pending updates to the shards that answer."""
        stores = self._current().stores
        pending = [stores[store] for store in sorted(await self._pending()) if store in stores]
        answering = filter(self._shards.may_write, pending)
        await for_each(answering, self._deliver, "decisions cannot be told")

    async def deliver(self, stores: Iterable[str]) -> None:
        """Deliver the pending updates of these stores now, as far as their shards answer."""
        known = self._current().stores
        async with asyncio.TaskGroup() as tasks:
            for store in sorted(set(stores) & known.keys()):
                tasks.create_task(self._deliver(known[store]))

    async def _pending(self) -> set[str]:
        return {store for kind in self._kinds for store in await kind.pending_stores()}

    async def _deliver(self, store: Store) -> None:
        try:
            for kind in self._kinds:
                await kind.deliver(store)
        except ShardRefused as error:
            log.warning("%s refuses what was decided: %s", store.id, error)
        except ShardError as error:
            log.info("%s is told later what was decided: %s", store.id, error.reason)
            self._stale_stores.add(_UPDATE, store.id)
        else:
            self._stale_stores.discard(_UPDATE, store.id)
            await self._tell_directory(store)

    async def _tell_directory(self, store: Store) -> None:
        """Have the directory follow; where it cannot, its own work does, and it finds nobody whom
        the shards do not.
        """
        if self._directory is None:
            return
        if behind := await self._directory.reach(store, seconds=_DIRECTORY_SECONDS):
            log.warning("%s has what was decided, %s", store.id, behind)
