"""What shards have to be told of what was decided about people: merges, bindings, who is not whom.

Each duty looks up what there is to tell when it tells it, so that the last decision counts.
"""

import logging
from typing import Protocol

from contract.errors import ShardRefused
from contract.messages.faces import FaceRecord
from contract.messages.message import Message
from contract.messages.shard_updates import (
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
    current_binding,
    delete_pending_binding,
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
"""Of a FaceId that is gone nothing has to be told."""


class Duty(Protocol):
    """One kind of thing that shards have to be told."""

    async def stores(self) -> list[str]:
        """Return the stores that have to be told something."""

    async def fulfil(self, store: Store) -> None:
        """Tell a store's shard everything. Raises ShardError when it does not take it."""


class Bindings:
    """Whose FaceIds are, and whether other stores may find them."""

    def __init__(self, database: Database, shards: Shards) -> None:
        self._database = database
        self._shards = shards

    async def stores(self) -> list[str]:
        """Return the stores that have to be told something."""
        return await self._database.read(None, stores_with_pending_bindings)

    async def fulfil(self, store: Store) -> None:
        """Tell a store's shard whose its FaceIds are."""
        while tasks := await self._database.read(None, pending_bindings, store.id, _AT_ONCE):
            for task in tasks:
                binding = await self._database.read(None, current_binding, task.store, task.face_id)
                path = f"{face_path(task.face_id)}/member"
                request = ShardRequest("DELETE" if binding is None else "PUT", path, binding)
                await _tell(self._shards, store, request, FaceRecord)
                await self._database.write(None, delete_pending_binding, task)


class Renamed:
    """FaceIds that get another name: before anything else is told of them by that name."""

    def __init__(self, database: Database, shards: Shards, clock: Clock = now) -> None:
        self._database = database
        self._shards = shards
        self._clock = clock

    async def stores(self) -> list[str]:
        """Return the stores that have to be told something."""
        return await self._database.read(None, stores_with_pending_renames)

    async def fulfil(self, store: Store) -> None:
        """Have a store's shard rename FaceIds, and the record follow it."""
        while tasks := await self._database.read(None, pending_renames, store.id, _AT_ONCE):
            for task in tasks:
                await self._do(store, task)

    async def _do(self, store: Store, task: FaceRename) -> None:
        path = f"{face_path(task.face_id)}/name"
        request = ShardRequest("PUT", path, NewName(face_id=task.name))
        try:
            await self._shards.write(store, request, FaceRecord)
        except ShardRefused as error:
            if error.status >= 500:  # it may be able to later
                raise
            log.warning("%s does not rename %s: %s", store.id, task.face_id, error)
            await self._database.write(None, refuse_rename, task, error.detail)
        else:
            await self._database.write(None, apply_rename, task, self._clock())


class Merged:
    """FaceIds that are one, or are not any more."""

    def __init__(self, database: Database, shards: Shards, clock: Clock = now) -> None:
        self._database = database
        self._shards = shards
        self._clock = clock

    async def stores(self) -> list[str]:
        """Return the stores that have to be told something."""
        return await self._database.read(None, stores_with_pending_merges)

    async def fulfil(self, store: Store) -> None:
        """Have a store's shard move templates to and fro."""
        while tasks := await self._database.read(None, pending_merges, store.id, _AT_ONCE):
            for task in tasks:
                await self._do(store, task)
                await self._database.write(None, mark_merge_applied, task, self._clock())

    async def _do(self, store: Store, task: PendingMerge) -> None:
        path = f"/merges/{task.merge}"
        if task.todo == "merge":
            request = ShardRequest("PUT", path, MergeOrder(into=task.into, source=task.source))
        else:
            request = ShardRequest("DELETE", path)
        await _tell(self._shards, store, request, MergeConfirmation)


class Apart:
    """Who is not whom."""

    def __init__(self, database: Database, shards: Shards, clock: Clock = now) -> None:
        self._database = database
        self._shards = shards
        self._clock = clock

    async def stores(self) -> list[str]:
        """Return the stores that have to be told something."""
        return await self._database.read(None, stores_with_pending_distinctions)

    async def fulfil(self, store: Store) -> None:
        """Tell a store's shard who is not whom."""
        while tasks := await self._database.read(None, pending_distinctions, store.id, _AT_ONCE):
            for task in tasks:
                path = f"{face_path(task.face_id)}/not"
                request = ShardRequest("PUT", path, Distinction(other=task.other_face_id))
                await _tell(self._shards, store, request, FaceNames)
                await self._database.write(None, mark_distinction_applied, task, self._clock())


async def _tell(shards: Shards, store: Store, request: ShardRequest, answer: type[Message]) -> None:
    """Send a request to a store's writing shard.

    Raises ShardError, but not when the FaceId that it concerns is gone.
    """
    try:
        await shards.write(store, request, answer)
    except ShardRefused as error:
        if error.code not in _GONE:
            raise
        log.info("%s: %s", store.id, error)
