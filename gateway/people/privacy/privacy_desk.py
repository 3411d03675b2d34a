"""How much of whose data the chain keeps, and whether somebody has to be told of it."""

import logging
from collections.abc import Callable

from contract.deadline import Deadline
from contract.messages.privacy.privacy_status import PrivacyStatus, StorePrivacy
from contract.stores.store_map import Store, StoreMap
from gateway.chain.replicas import Replicas
from gateway.clock.clock import iso
from gateway.record.database import Database
from gateway.record.people.person_counts import PersonCounts, count_persons

log = logging.getLogger(__name__)


class PrivacyDesk:
    """Counts the persons of the chain, and says when there are as many as `alarm`, if any."""

    def __init__(
        self,
        database: Database,
        replicas: Replicas,
        *,
        current: Callable[[], StoreMap],
        alarm: int | None,
    ) -> None:
        self._database = database
        self._replicas = replicas
        self._current = current
        self._alarm = alarm
        self.persons: int | None = None
        """As they were counted last; None before."""

    @property
    def reached(self) -> bool:
        """Whether as many persons were counted last as somebody has to be told of."""
        return self._alarm is not None and (self.persons or 0) >= self._alarm

    async def step(self) -> None:
        """Count the persons."""
        await self._count(None)

    async def status(self, deadline: Deadline) -> PrivacyStatus:
        """Return how much is kept of whom now, and for how long."""
        counts = await self._count(deadline)
        assert self.persons is not None
        oldest = counts.oldest_open
        return PrivacyStatus(
            persons=self.persons,
            alarm=self._alarm,
            reached=self.reached,
            open_erasures=counts.open_erasures,
            oldest_open_erasure=None if oldest is None else iso(oldest),
            stores=[self._store(store) for store in self._current().stores.values()],
        )

    async def _count(self, deadline: Deadline | None) -> PersonCounts:
        """Count the persons of the record, and the FaceIds that only their stores know.

        A warning is logged when the alarm is reached, not again before it was left.
        """
        before = self.reached
        counts = await self._database.read(deadline, count_persons)
        stores = (self._store(store) for store in self._current().stores.values())
        kept = sum((store.members or 0) + (store.visitors or 0) for store in stores)
        self.persons = counts.persons + max(0, kept - counts.faces)
        if self.reached and not before:
            log.warning("%d persons are known: FACEGATE_PERSONS_ALARM is reached", self.persons)
        return counts

    def _store(self, store: Store) -> StorePrivacy:
        status = next((r.status for r in self._replicas.of(store) if r.status is not None), None)
        return StorePrivacy(
            store=store.id,
            name=store.name,
            members=None if status is None else status.counts.members,
            visitors=None if status is None else status.counts.visitors,
            visitor_retention=str(store.options["visitor_retention"]),
            cross_store=store.cross_store,
            keep_pictures=store.keep_pictures,
        )
