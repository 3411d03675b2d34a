"""Filling the directory: each store's changes after the last one that it has, page by page."""

import asyncio
import logging
from collections import defaultdict

from contract.deadline import Deadline
from contract.errors import ShardNonsense
from contract.messages.directory.roaming_changes import RoamingChanges
from contract.stores.store_map import Store
from gateway.chain.shard_request import ShardRequest
from gateway.chain.shards import Shards
from gateway.directory.tables.entries import StoreState, apply, forget, read_state
from gateway.record.database import Database

log = logging.getLogger(__name__)

PAGE = 500
"""FaceIds in one answer of a shard, and in one transaction."""
_SECONDS = 5.0
"""How long a shard may take for a page."""


class Filling:
    """Takes over stores' changes, one page in one transaction with its number.

    Two gateways, or two tasks, may fill at once: a page is taken only on top of the one before.
    After a crash it goes on where the last transaction ended.
    """

    def __init__(self, shards: Shards) -> None:
        self._shards = shards
        self._filling: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def fill(self, database: Database, store: Store) -> int:
        """Take over all changes of a store, and return the last. Raises ShardError, StorageError.

        Where another model or other strangers tell what is alike, and where the gallery is one of a
        former time, all is taken over anew.
        """
        async with self._filling[store.id]:
            while True:
                state = await database.read(None, read_state, store.id)
                changes = await self._changes(store, 0 if state is None else state.seq)
                if state is not None and not _continues(state, changes):
                    log.info("the directory takes over all of %s anew", store.id)
                    await database.write(None, forget, store.id)
                    continue
                after = 0 if state is None else state.seq
                if state is None or changes.seq > after:
                    await database.write(None, apply, after, changes)
                if changes.seq >= changes.last:
                    return changes.seq

    async def _changes(self, store: Store, after: int) -> RoamingChanges:
        query = {"after": after, "limit": PAGE}
        request = ShardRequest("GET", "/roaming", query=query)
        changes = await self._shards.write(store, request, RoamingChanges, Deadline(_SECONDS))
        if changes.store != store.id:
            raise ShardNonsense(f"the answer is from store {changes.store!r}")
        if not after <= changes.seq <= changes.last and after <= changes.last:
            raise ShardNonsense(f"changes up to {changes.seq} after {after} of {changes.last}")
        return changes


def _continues(state: StoreState, changes: RoamingChanges) -> bool:
    """Say whether changes may come on top of what there is."""
    same = (state.model, state.cohort) == (changes.model, changes.cohort)
    return same and state.seq <= changes.last
