"""Strangers expire: who has not been seen for a store's `visitor_retention` is erased."""

import logging
from collections.abc import Callable
from datetime import timedelta

from contract.errors import ShardError
from contract.store_map import Store, StoreMap
from contract.upkeep import Expired, FaceNames
from gateway.audit import audit
from gateway.clock import Clock, now
from gateway.erasures import Erasures
from gateway.orders import Orders
from gateway.record.cards import iso
from gateway.record.database import Database
from gateway.record.erasures import never_seen
from gateway.shard_client import Order

log = logging.getLogger(__name__)

_PAGE = 1000


class Retention:
    """Erases visitors whose time is over, from the record and from their shards.

    When they were last seen is what the record says; of those whom it has never seen, the shard
    says when they were made.
    """

    def __init__(
        self,
        database: Database,
        orders: Orders,
        erasures: Erasures,
        *,
        current: Callable[[], StoreMap],
        clock: Clock = now,
    ) -> None:
        self._database = database
        self._orders = orders
        self._erasures = erasures
        self._current = current
        self._clock = clock

    async def step(self) -> None:
        """Erase everybody whose time is over; shards that are down get the order later."""
        for store in self._current().stores.values():
            before = self._clock() - store.visitor_retention // timedelta(milliseconds=1)
            erased = await self._erasures.visitors(store, before)
            try:
                erased += await self._never_seen(store, before)
                await self._set_aside(store, before)
            except ShardError as error:
                log.info("%s cannot let go of who has expired: %s", store.id, error.reason)
            if erased:
                audit("visitors.expire", store=store.id, visitors=erased)

    async def _never_seen(self, store: Store, before: int) -> int:
        """Erase visitors whom the shard has and the record does not know."""
        after, erased = "", 0
        while names := await self._old_visitors(store, before, after):
            after = names[-1]
            unknown = await self._database.read(None, never_seen, store.id, names)
            if unknown:
                faces = [(store.id, name) for name in unknown]
                await self._erasures.faces("retention", faces, None)
                erased += len(unknown)
        return erased

    async def _set_aside(self, store: Store, before: int) -> None:
        """Have removed what was set aside for as long as a visitor would have been kept."""
        order = Order("DELETE", "/set-aside", query={"before": _moment(before)})
        await self._orders.give(store, order, Expired)

    async def _old_visitors(self, store: Store, before: int, after: str) -> list[str]:
        query = {"created_before": _moment(before), "after": after, "limit": _PAGE}
        order = Order("GET", "/visitors", query=query)
        return (await self._orders.give(store, order, FaceNames)).face_ids


def _moment(at: int) -> str:
    """Return a moment as shards write it."""
    return iso(at).replace("Z", "+00:00")
