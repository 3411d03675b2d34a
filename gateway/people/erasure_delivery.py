"""Delivers erasures to shards: at once, or when they answer again, until all have confirmed."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable

from contract.deadline import Deadline
from contract.errors import ShardError, ShardRefused
from contract.messages.erasures import ErasedFace, ReplicaReached, StoreErasure
from contract.messages.shard_updates import EraseConfirmation
from contract.stores.store_map import Store, StoreMap
from gateway.chain.replica_address import ReplicaAddress
from gateway.chain.shard_request import ShardRequest
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, now
from gateway.directory.directory import Directory
from gateway.periodic import for_each
from gateway.record.database import Database
from gateway.record.people.erasure.confirmations import (
    PendingErasure,
    pending_erasures,
    required_seqs,
    store_confirmation,
    stores_with_pending_erasures,
)

log = logging.getLogger(__name__)

_UPDATE = "erasures"
_AT_ONCE = 500
_SECONDS = 10.0
"""How long a shard may take to erase."""
_FOLLOW_SECONDS = 2.5
"""How long replicas may take to follow their writer before the receipt says that they have not."""
_PAUSE_SECONDS = 0.1
_DAY = 24 * 3_600_000


class ErasureDelivery:
    """Has shards erase what the record has erased, and stores their confirmations."""

    def __init__(
        self,
        database: Database,
        shards: Shards,
        *,
        current: Callable[[], StoreMap],
        clock: Clock = now,
        directory: Directory | None = None,
    ) -> None:
        self._database = database
        self._shards = shards
        self._stale_stores = shards.stale_stores
        self._current = current
        self._clock = clock
        self._directory = directory
        self._delivering: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def start(self) -> None:
        """Mark the stores stale that an earlier process has left with pending erasures."""
        pending = await self._database.read(None, stores_with_pending_erasures)
        self._stale_stores.replace(_UPDATE, pending)
        await self._require_seqs()

    async def step(self) -> None:
        """Deliver the pending erasures to the shards that answer."""
        await self._require_seqs()
        stores = self._current().stores
        pending = await self._database.read(None, stores_with_pending_erasures)
        homes = [stores[store] for store in pending if store in stores]
        answering = filter(self._shards.may_write, homes)
        await for_each(answering, self._deliver, "erasures cannot be carried out")
        await self._database.scrub()

    async def deliver(self, stores: Iterable[str]) -> None:
        """Deliver the pending erasures of these stores now, as far as their shards answer."""
        known = self._current().stores
        async with asyncio.TaskGroup() as tasks:
            for store in stores:
                if store in known:
                    tasks.create_task(self._deliver(known[store]))
            tasks.create_task(self._database.scrub())

    async def _require_seqs(self) -> None:
        """Keep replicas out of recognitions until they have the erasures of the last day."""
        required = await self._database.read(None, required_seqs, self._clock() - _DAY)
        for store, seq in required.items():
            self._stale_stores.require_seq(store, seq)

    async def _deliver(self, store: Store) -> None:
        """Deliver all pending erasures of a store."""
        async with self._delivering[store.id]:  # a second request would find nobody to erase
            await self._deliver_all(store)

    async def _deliver_all(self, store: Store) -> None:
        while erasures := await self._database.read(None, pending_erasures, store.id, _AT_ONCE):
            for erasure in erasures:
                confirmed = await self._erase(store, erasure)
                await self._database.write(
                    None, store_confirmation, erasure, confirmed, self._clock()
                )
                if not confirmed.confirmed:
                    return
        self._stale_stores.discard(_UPDATE, store.id)

    async def _erase(self, store: Store, erasure: PendingErasure) -> StoreErasure:
        request = ShardRequest("POST", "/erase", erasure.order)
        try:
            limit = Deadline(_SECONDS)
            answer = await self._shards.write(store, request, EraseConfirmation, limit)
        except ShardRefused as error:
            log.warning("%s refuses to erase: %s", store.id, error)
            return StoreErasure(store=store.id, confirmed=False, waiting_for=str(error))
        except ShardError as error:
            self._stale_stores.add(_UPDATE, store.id)
            reason = f"the shard of {store.id}: {error.reason}"
            return StoreErasure(store=store.id, confirmed=False, waiting_for=reason)
        self._stale_stores.discard(_UPDATE, store.id)
        self._stale_stores.require_seq(store.id, answer.seq)
        replicas = await asyncio.gather(
            *(
                self._follow(ReplicaAddress(address, store.id), answer.seq)
                for address in store.shards[1:]
            )
        )
        late = [replica.address for replica in replicas if not replica.reached]
        waiting_for = f"the replicas {', '.join(late)}" if late else None
        if waiting_for is None and self._directory is not None:
            waiting_for = await self._directory.reach(store, answer.seq)
        return StoreErasure(
            store=store.id,
            confirmed=waiting_for is None,
            faces=[ErasedFace(face_id=f, templates=n) for f, n in answer.erased.items()],
            seq=answer.seq,
            replicas=list(replicas),
            waiting_for=waiting_for,
        )

    async def _follow(self, place: ReplicaAddress, seq: int) -> ReplicaReached:
        """Wait a moment until a replica has taken over the change `seq`."""
        give_up = time.monotonic() + _FOLLOW_SECONDS
        reached: int | None = None
        address = str(place.address)
        while True:
            try:
                reached = (await self._shards.status(place, Deadline(1.0))).seq
            except ShardError:
                return ReplicaReached(address=address, seq=reached, reached=False)
            if reached >= seq or time.monotonic() > give_up:
                return ReplicaReached(address=address, seq=reached, reached=reached >= seq)
            await asyncio.sleep(_PAUSE_SECONDS)
