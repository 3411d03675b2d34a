"""Has people erased in every shard, and says in a receipt who has confirmed."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from contract.deadline import Deadline
from contract.errors import ShardError, ShardRefused
from contract.messages.erasures import ErasedFace, ErasureReceipt, ReplicaReached, StoreErasure
from contract.messages.shard_updates import EraseConfirmation
from contract.stores.address import Address
from contract.stores.store_map import Store, StoreMap
from contract.text.identifiers import FACE_ID, MEMBER_ID
from gateway.chain.shard_request import ShardRequest
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, now
from gateway.people.audit import audit
from gateway.periodic import for_each
from gateway.recognition.member_names import MemberNames
from gateway.record.database import Database
from gateway.record.people.erasure.confirmations import (
    PendingErasure,
    pending_erasures,
    required_seqs,
    store_confirmation,
    stores_with_pending_erasures,
)
from gateway.record.people.erasure.erasures import erase_faces, erase_member, is_known_to_record
from gateway.record.people.erasure.receipts import read_receipt
from gateway.record.people.erasure.visitors import erase_visitors

log = logging.getLogger(__name__)

_WHAT = "erasures"
_AT_ONCE = 500
_SECONDS = 10.0
"""How long a shard may take to erase."""
_FOLLOW_SECONDS = 2.5
"""How long replicas may take to follow their writer before the receipt says that they have not."""
_PAUSE_SECONDS = 0.1
_DAY = 24 * 3_600_000


class Erasures:
    """Erases members and FaceIds."""

    def __init__(
        self,
        database: Database,
        shards: Shards,
        *,
        names: MemberNames,
        current: Callable[[], StoreMap],
        clock: Clock = now,
    ) -> None:
        self._database = database
        self._shards = shards
        self._stale_stores = shards.stale_stores
        self._names = names
        self._current = current
        self._clock = clock
        self._settling: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def member(self, member_id: str, deadline: Deadline) -> ErasureReceipt:
        """Erase a member in every store. Raises UnknownMember."""
        name = MEMBER_ID.known(member_id)
        stores = list(self._current().stores)
        erasure = await self._database.write(deadline, erase_member, name, stores, self._clock())
        self._database.mark_erased()
        self._names.forget()
        audit("member.erase", member_id=name, erasure=erasure)
        return await self._carried_out(erasure, stores)

    async def face(self, store: Store, face_id: str, deadline: Deadline) -> ErasureReceipt:
        """Erase a FaceId. Raises UnknownFace when neither the record nor its shard knows it."""
        face = (store.id, FACE_ID.known(face_id))
        if not await self._database.read(deadline, is_known_to_record, face):
            await self._check_known(store, face[1], deadline)
        erasure = await self.faces("face", [face], deadline)
        audit("face.erase", store=face[0], face_id=face[1], erasure=erasure)
        return await self._carried_out(erasure, [store.id])

    async def faces(
        self, cause: str, faces: Sequence[tuple[str, str]], deadline: Deadline | None
    ) -> str:
        """Erase FaceIds in the record, note them for their shards, and return the erasure."""
        stores = list(self._current().stores)
        erasure = await self._database.write(
            deadline, erase_faces, cause, faces, stores, self._clock()
        )
        self._database.mark_erased()
        return erasure

    async def visitors(self, store: Store, before: int, most: int) -> int:
        """Erase visitors who were not seen since a moment, `most` at most; return how many."""
        stores, total = list(self._current().stores), 0
        while erased := await self._database.write(
            None,
            erase_visitors,
            store.id,
            before,
            stores,
            now=self._clock(),
            most=most - total,
        ):
            self._database.mark_erased()
            total += erased
        return total

    async def receipt(self, erasure: str, deadline: Deadline) -> ErasureReceipt:
        """Return the receipt of an erasure. Raises NotFound."""
        return await self._database.read(deadline, read_receipt, erasure)

    async def start(self) -> None:
        """Remember what an earlier process left to be erased."""
        self._stale_stores.replace(
            _WHAT, await self._database.read(None, stores_with_pending_erasures)
        )
        await self._remember_sequences()

    async def step(self) -> None:
        """Have erased what there is to erase in the shards that answer."""
        await self._remember_sequences()
        stores = self._current().stores
        waiting = await self._database.read(None, stores_with_pending_erasures)
        homes = [stores[store] for store in waiting if store in stores]
        answering = filter(self._shards.may_write, homes)
        await for_each(answering, self._settle, "erasures cannot be carried out")
        await self._database.scrub()

    async def _remember_sequences(self) -> None:
        since = self._clock() - _DAY
        reached = await self._database.read(None, required_seqs, since)
        for store, seq in reached.items():
            self._stale_stores.require_seq(store, seq)

    async def _carried_out(self, erasure: str, stores: Sequence[str]) -> ErasureReceipt:
        """Ask the shards at once, and return the receipt as it is then."""
        known = self._current().stores
        async with asyncio.TaskGroup() as tasks:
            for store in stores:
                if store in known:
                    tasks.create_task(self._settle(known[store]))
            tasks.create_task(self._database.scrub())
        return await self._database.read(None, read_receipt, erasure)

    async def _settle(self, store: Store) -> None:
        """Have a store's shards erase everything that they have to."""
        async with self._settling[store.id]:  # a second order would be told that nobody was there
            await self._erase_all(store)

    async def _erase_all(self, store: Store) -> None:
        while dues := await self._database.read(None, pending_erasures, store.id, _AT_ONCE):
            for due in dues:
                confirmed = await self._erased(store, due)
                await self._database.write(None, store_confirmation, due, confirmed, self._clock())
                if not confirmed.confirmed:
                    return
        self._stale_stores.discard(_WHAT, store.id)

    async def _erased(self, store: Store, due: PendingErasure) -> StoreErasure:
        request = ShardRequest("POST", "/erase", due.order)
        try:
            limit = Deadline(_SECONDS)
            answer = await self._shards.write(store, request, EraseConfirmation, limit)
        except ShardRefused as error:
            log.warning("%s refuses to erase: %s", store.id, error)
            return StoreErasure(store=store.id, confirmed=False, waiting_for=str(error))
        except ShardError as error:
            self._stale_stores.add(_WHAT, store.id)
            reason = f"the shard of {store.id}: {error.reason}"
            return StoreErasure(store=store.id, confirmed=False, waiting_for=reason)
        self._stale_stores.discard(_WHAT, store.id)
        self._stale_stores.require_seq(store.id, answer.seq)
        replicas = await asyncio.gather(
            *(self._followed(address, answer.seq) for address in store.shards[1:])
        )
        late = [replica.address for replica in replicas if not replica.reached]
        return StoreErasure(
            store=store.id,
            confirmed=not late,
            faces=[ErasedFace(face_id=f, templates=n) for f, n in answer.erased.items()],
            seq=answer.seq,
            replicas=list(replicas),
            waiting_for=f"the replicas {', '.join(late)}" if late else None,
        )

    async def _followed(self, address: Address, seq: int) -> ReplicaReached:
        """Wait a moment until a replica has taken over the change `seq`."""
        give_up = time.monotonic() + _FOLLOW_SECONDS
        reached: int | None = None
        while True:
            try:
                reached = (await self._shards.status(address, Deadline(1.0))).seq
            except ShardError:
                return ReplicaReached(address=str(address), seq=reached, reached=False)
            if reached >= seq or time.monotonic() > give_up:
                return ReplicaReached(address=str(address), seq=reached, reached=reached >= seq)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _check_known(self, store: Store, face_id: str, deadline: Deadline) -> None:
        """Raise UnknownFace when the shard says so; one that does not answer may know it."""
        try:
            await self._shards.face(store, face_id, deadline)
        except ShardRefused:
            raise
        except ShardError as error:
            log.info("%s cannot say whether it knows %s: %s", store.id, face_id, error.reason)
