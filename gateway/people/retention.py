"""Retention: visitors not seen for a store's `visitor_retention` are erased."""

import logging
from collections.abc import Callable
from datetime import timedelta

from contract.errors import ShardError
from contract.messages.shard_updates import Expired, FaceNames
from contract.stores.store_map import Store, StoreMap
from gateway.audit.tell import Tell
from gateway.chain.shard_request import ShardRequest
from gateway.chain.shards import Shards
from gateway.clock.clock import Clock, iso
from gateway.people.erasures import Erasures
from gateway.periodic import for_each
from gateway.record.database import Database
from gateway.record.people.erasure.visitors import count_visitors, unknown_to_record

log = logging.getLogger(__name__)

_PAGE = 1000
_FEW, _PART = 100, 10


class Retention:
    """Erases expired visitors from the record and from their shards.

    When they were last seen is what the record says; of those whom it has never seen, the shard
    says when they were made. What time it is, a `steady` clock says.
    """

    def __init__(
        self,
        database: Database,
        shards: Shards,
        erasures: Erasures,
        *,
        current: Callable[[], StoreMap],
        steady: Clock,
        tell: Tell,
    ) -> None:
        self._database = database
        self._shards = shards
        self._erasures = erasures
        self._current = current
        self._steady = steady
        self._tell = tell

    async def step(self) -> None:
        """Erase expired visitors, some of each store; shards that are down get the order later.

        No step erases more than a tenth of a store, or 100: whoever sees it go wrong can act.
        """
        stores = self._current().stores.values()
        await for_each(stores, self._expire, "expired visitors cannot be erased")

    async def _expire(self, store: Store) -> None:
        before = self._steady() - store.visitor_retention // timedelta(milliseconds=1)
        most = max(_FEW, await self._database.read(None, count_visitors, store.id) // _PART)
        erased = await self._erasures.visitors(store, before, most)
        erased += await self._erasures.pending_visitors(store, before)
        try:
            erased += await self._never_seen(store, before, most - erased)
            await self._expire_set_aside(store, before)
        except ShardError as error:
            log.info("%s cannot let go of who has expired: %s", store.id, error.reason)
        if erased:
            await self._tell("visitors.expire", store=store.id, visitors=erased)

    async def _never_seen(self, store: Store, before: int, most: int) -> int:
        """Erase visitors whom the shard has and the record does not know; `most` at most."""
        after, erased = "", 0
        while erased < most and (names := await self._old_visitors(store, before, after)):
            after = names[-1]
            unknown = await self._database.read(None, unknown_to_record, store.id, names)
            if gone := unknown[: most - erased]:
                await self._erasures.faces("retention", [(store.id, name) for name in gone], None)
                erased += len(gone)
        return erased

    async def _expire_set_aside(self, store: Store, before: int) -> None:
        """Have templates deleted that were set aside for as long as visitors are kept."""
        request = ShardRequest("DELETE", "/set-aside", query={"before": iso(before)})
        await self._shards.write(store, request, Expired)

    async def _old_visitors(self, store: Store, before: int, after: str) -> list[str]:
        query = {"created_before": iso(before), "after": after, "limit": _PAGE}
        request = ShardRequest("GET", "/visitors", query=query)
        return (await self._shards.write(store, request, FaceNames)).face_ids
