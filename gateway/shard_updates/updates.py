"""The kinds of updates that shards get: renames, merges, distinctions and bindings of FaceIds.

Each is read from the record when it is delivered, so that the latest decision counts.
"""

import logging
from dataclasses import dataclass
from typing import Protocol

from contract.errors import ShardRefused
from contract.messages.faces import FaceRecord
from contract.messages.message import Message
from contract.messages.shard_updates import (
    MOST_BOUND,
    Bindings,
    Distinction,
    FaceNames,
    MergeConfirmation,
    MergeOrder,
    NewName,
)
from contract.stores.store_map import Store
from gateway.chain.shard_request import ShardRequest, face_path
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, now
from gateway.record.database import Database
from gateway.record.people.binding_updates import (
    current_bindings,
    delete_pending_bindings,
    pending_bindings,
    stores_with_pending_bindings,
)
from gateway.record.people.distinctions import (
    mark_distinction_applied,
    pending_distinctions,
    stores_with_pending_distinctions,
)
from gateway.record.people.merge_updates import (
    PendingMerge,
    mark_merge_applied,
    pending_merges,
    stores_with_pending_merges,
)
from gateway.record.people.rename_updates import (
    FaceRename,
    pending_renames,
    refuse_rename,
    stores_with_pending_renames,
)
from gateway.record.people.renames import apply_rename

log = logging.getLogger(__name__)

_AT_ONCE = 100
_GONE = frozenset({"UNKNOWN_FACE"})
"""Refusals that need no retry: the FaceId is gone."""


class ShardUpdate(Protocol):
    """One kind of update that shards get from the record's outbox."""

    async def pending_stores(self) -> list[str]:
        """Return the stores with undelivered updates of this kind."""

    async def deliver(self, store: Store) -> None:
        """Deliver all updates of a store to its shard. Raises ShardError when it takes one not."""


@dataclass(frozen=True)
class BindingUpdates:
    """Which member a FaceId is bound to, and whether other stores may find it."""

    database: Database
    shards: Shards

    async def pending_stores(self) -> list[str]:
        """Return the stores with undelivered bindings."""
        return await self.database.read(None, stores_with_pending_bindings)

    async def deliver(self, store: Store) -> None:
        """Deliver the bindings of a store."""
        while pending := await self.database.read(None, pending_bindings, store.id, MOST_BOUND):
            bindings = Bindings(faces=await self.database.read(None, current_bindings, pending))
            await self.shards.write(store, ShardRequest("PUT", "/bindings", bindings), FaceNames)
            await self.database.write(None, delete_pending_bindings, pending)


@dataclass(frozen=True)
class RenameUpdates:
    """Renames of FaceIds. Delivered before the other kinds, which use the new names."""

    database: Database
    shards: Shards
    clock: Clock = now

    async def pending_stores(self) -> list[str]:
        """Return the stores with undelivered renames."""
        return await self.database.read(None, stores_with_pending_renames)

    async def deliver(self, store: Store) -> None:
        """Have a store's shard rename FaceIds, and the record follow it."""
        while pending := await self.database.read(None, pending_renames, store.id, _AT_ONCE):
            for rename in pending:
                await self._deliver(store, rename)

    async def _deliver(self, store: Store, rename: FaceRename) -> None:
        path = f"{face_path(rename.face_id)}/name"
        request = ShardRequest("PUT", path, NewName(face_id=rename.name))
        try:
            await self.shards.write(store, request, FaceRecord)
        except ShardRefused as error:
            if error.status >= 500:  # it may be able to later
                raise
            log.warning("%s does not rename %s: %s", store.id, rename.face_id, error)
            await self.database.write(None, refuse_rename, rename, error.detail)
        else:
            await self.database.write(None, apply_rename, rename, self.clock())


@dataclass(frozen=True)
class MergeUpdates:
    """Merges of FaceIds, and their undoing."""

    database: Database
    shards: Shards
    clock: Clock = now

    async def pending_stores(self) -> list[str]:
        """Return the stores with undelivered merges."""
        return await self.database.read(None, stores_with_pending_merges)

    async def deliver(self, store: Store) -> None:
        """Have a store's shard move the templates of merged FaceIds."""
        while pending := await self.database.read(None, pending_merges, store.id, _AT_ONCE):
            for merge in pending:
                await _send(self.shards, store, _merge_request(merge), MergeConfirmation)
                await self.database.write(None, mark_merge_applied, merge, self.clock())


@dataclass(frozen=True)
class DistinctionUpdates:
    """Pairs of FaceIds that are distinct persons."""

    database: Database
    shards: Shards
    clock: Clock = now

    async def pending_stores(self) -> list[str]:
        """Return the stores with undelivered distinctions."""
        return await self.database.read(None, stores_with_pending_distinctions)

    async def deliver(self, store: Store) -> None:
        """Deliver the distinctions of a store."""
        while pending := await self.database.read(None, pending_distinctions, store.id, _AT_ONCE):
            for pair in pending:
                path = f"{face_path(pair.face_id)}/not"
                request = ShardRequest("PUT", path, Distinction(other=pair.other_face_id))
                await _send(self.shards, store, request, FaceNames)
                await self.database.write(None, mark_distinction_applied, pair, self.clock())


def _merge_request(merge: PendingMerge) -> ShardRequest:
    path = f"/merges/{merge.merge}"
    if merge.todo == "undo":
        return ShardRequest("DELETE", path, query={"into": merge.person})
    return ShardRequest("PUT", path, MergeOrder(into=merge.into, source=merge.source))


async def _send(shards: Shards, store: Store, request: ShardRequest, answer: type[Message]) -> None:
    """Send a request to a store's writing shard, which may have no such FaceId any more.

    Raises ShardError.
    """
    try:
        await shards.write(store, request, answer)
    except ShardRefused as error:
        if error.code not in _GONE:
            raise
        log.info("%s: %s", store.id, error)
