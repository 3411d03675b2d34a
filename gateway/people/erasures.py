"""Erasing members and FaceIds: in the record at once, then in every shard, with a receipt."""

import logging
from collections.abc import Callable, Sequence

from contract.deadline import Deadline
from contract.errors import ShardError, ShardRefused
from contract.messages.erasures import ErasurePage, ErasureReceipt
from contract.stores.store_map import Store, StoreMap
from contract.text.identifiers import FACE_ID, MEMBER_ID
from gateway.audit.request_notes import note_details
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, now
from gateway.people.erasure_delivery import ErasureDelivery
from gateway.recognition.member_names import MemberNames
from gateway.record.database import Database
from gateway.record.people.erasure.erasures import erase_faces, erase_member, is_known_to_record
from gateway.record.people.erasure.receipt_search import ReceiptQuery, search_receipts
from gateway.record.people.erasure.receipts import read_receipt
from gateway.record.people.erasure.visitors import erase_pending_visitors, erase_visitors

log = logging.getLogger(__name__)


class Erasures:
    """Erases members and FaceIds."""

    def __init__(
        self,
        database: Database,
        shards: Shards,
        delivery: ErasureDelivery,
        *,
        names: MemberNames,
        current: Callable[[], StoreMap],
        clock: Clock = now,
    ) -> None:
        self._database = database
        self._shards = shards
        self._delivery = delivery
        self._names = names
        self._current = current
        self._clock = clock

    async def member(self, member_id: str, deadline: Deadline) -> ErasureReceipt:
        """Erase a member in every store. Raises UnknownMember."""
        name = MEMBER_ID.known(member_id)
        stores = list(self._current().stores)
        erasure = await self._database.write(deadline, erase_member, name, stores, self._clock())
        self._database.mark_erased()
        self._names.forget()
        note_details(erasure=erasure)
        return await self._deliver(erasure, stores)

    async def face(self, store: Store, face_id: str, deadline: Deadline) -> ErasureReceipt:
        """Erase a FaceId. Raises UnknownFace when neither the record nor its shard knows it."""
        face = (store.id, FACE_ID.known(face_id))
        if not await self._database.read(deadline, is_known_to_record, face):
            await self._check_known(store, face[1], deadline)
        erasure = await self.faces("face", [face], deadline)
        note_details(erasure=erasure)
        return await self._deliver(erasure, [store.id])

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

    async def pending_visitors(self, store: Store, before: int) -> int:
        """Erase strangers who wait for a FaceId since before a moment; return how many.

        No shard has anything of them.
        """
        erased = await self._database.write(None, erase_pending_visitors, store.id, before)
        if erased:
            self._database.mark_erased()
        return erased

    async def receipt(self, erasure: str, deadline: Deadline) -> ErasureReceipt:
        """Return the receipt of an erasure. Raises NotFound."""
        return await self._database.read(deadline, read_receipt, erasure)

    async def search(self, query: ReceiptQuery, deadline: Deadline) -> ErasurePage:
        """Return a page of erasures."""
        page = await self._database.read(deadline, search_receipts, query)
        note_details(shown=len(page.erasures))
        return page

    async def _deliver(self, erasure: str, stores: Sequence[str]) -> ErasureReceipt:
        """Deliver an erasure to the shards at once, and return the receipt as it is then."""
        await self._delivery.deliver(stores)
        return await self._database.read(None, read_receipt, erasure)

    async def _check_known(self, store: Store, face_id: str, deadline: Deadline) -> None:
        """Raise UnknownFace when the shard says so; one that does not answer may know it."""
        try:
            await self._shards.face(store, face_id, deadline)
        except ShardRefused:
            raise
        except ShardError as error:
            log.info("%s cannot say whether it knows %s: %s", store.id, face_id, error.reason)
