"""Brings shards in line with what the record has decided: at once, or once they answer."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

from contract.errors import ShardError, ShardRefused
from contract.stores.store_map import Store, StoreMap
from gateway.chain.shards import Shards
from gateway.periodic import for_each
from gateway.shard_updates.updates import Duty

log = logging.getLogger(__name__)

_WHAT = "decisions"


class Alignment:
    """Fulfils duties towards shards, in their order."""

    def __init__(
        self,
        duties: Sequence[Duty],
        shards: Shards,
        current: Callable[[], StoreMap],
    ) -> None:
        self._duties = duties
        self._shards = shards
        self._stale_stores = shards.stale_stores
        self._current = current

    async def start(self) -> None:
        """Remember what an earlier process left to be told."""
        self._stale_stores.replace(_WHAT, await self._waiting())

    async def step(self) -> None:
        """Tell the shards that answer what there is to tell."""
        stores = self._current().stores
        waiting = [stores[store] for store in sorted(await self._waiting()) if store in stores]
        answering = filter(self._shards.may_write, waiting)
        await for_each(answering, self._settle, "decisions cannot be told")

    async def tell(self, stores: Iterable[str]) -> None:
        """Tell the shards of these stores now, as far as they answer."""
        known = self._current().stores
        async with asyncio.TaskGroup() as tasks:
            for store in sorted(set(stores) & known.keys()):
                tasks.create_task(self._settle(known[store]))

    async def _waiting(self) -> set[str]:
        return {store for duty in self._duties for store in await duty.stores()}

    async def _settle(self, store: Store) -> None:
        try:
            for duty in self._duties:
                await duty.fulfil(store)
        except ShardRefused as error:
            log.warning("%s refuses what was decided: %s", store.id, error)
        except ShardError as error:
            log.info("%s is told later what was decided: %s", store.id, error.reason)
            self._stale_stores.add(_WHAT, store.id)
        else:
            self._stale_stores.discard(_WHAT, store.id)
