"""Publishes who is in each store now, and its cameras: kept by the broker for who connects later.

A state is looked at when the store's visits change, and when somebody has not been seen for so long
that they have left; it is published when it differs from what was published last.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping

from contract.errors import FacegateError
from contract.messages.live import VisitCard
from contract.messages.message import Message
from contract.stores.store_map import Store, StoreMap
from gateway.live.mqtt.discovery import ALIVE, SILENT, device_of
from gateway.live.mqtt.topics import Topics
from gateway.record.database import Database
from gateway.record.feed.store_presence import StorePresence, store_presence
from service.mqtt.broker import Broker, BrokerFailed

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
"""A store with many visitors is looked at so often at most."""
LONGEST_SECONDS = 60.0
"""And every store so often at least: a camera that is new tells nobody of itself."""


class StateMessage(Message):
    """What is retained of a store. Times are ISO 8601, in UTC."""

    store: str
    present: int
    members: int
    last_member: str | None = None
    last_member_at: str | None = None


class StoreStates:
    """The states of all stores; `run` is a background task."""

    def __init__(
        self,
        database: Database,
        broker: Broker,
        topics: Topics,
        current: Callable[[], StoreMap],
        *,
        names: bool,
    ) -> None:
        """Publish the states of the stores of `current`, with members' names if `names`."""
        self._database = database
        self._broker = broker
        self._topics = topics
        self._current = current
        self._names = names
        self._due = dict[str, float]()
        self._published = dict[str, dict[str, bytes | None]]()

    def begin_anew(self) -> None:
        """Publish everything again: a broker that was away may have kept nothing."""
        self._published = {
            store: dict.fromkeys(topics) for store, topics in self._published.items()
        }
        self._due.clear()

    def look_at(self, store: str | None) -> None:
        """Look soon at a store in which something happened, or at all of them."""
        for each in self._current().stores if store is None else [store]:
            self._due[each] = 0

    async def run(self) -> None:
        """Publish for ever."""
        while True:
            if self._broker.is_connected:
                try:
                    await self._publish_changes()
                except FacegateError as error:
                    log.warning("MQTT waits for the record: %s", error.detail)
                except BrokerFailed as error:
                    log.info("MQTT: %s", error)
            await asyncio.sleep(POLL_SECONDS)

    async def _publish_changes(self) -> None:
        stores = self._current().stores
        for gone in self._published.keys() - stores.keys():
            await self._keep(gone, {})
            del self._published[gone]
        now = time.time() * 1000
        for store in stores.values():
            if self._due.get(store.id, 0) <= now:
                await self._look(store)

    async def _look(self, store: Store) -> None:
        now = round(time.time() * 1000)
        # Before the look: what happens meanwhile is due again.
        self._due[store.id] = now + LONGEST_SECONDS * 1000
        gap = store.visit_gap.total_seconds()
        try:
            state = await self._database.read(None, store_presence, store.id, gap, now)
            await self._keep(store.id, self._wanted(store, state))
        except BaseException:  # the look did not come to its end, whatever kept it
            self._due[store.id] = 0
            raise
        if state.until is not None:
            self._due[store.id] = min(self._due[store.id], state.until)

    def _wanted(self, store: Store, state: StorePresence) -> dict[str, bytes]:
        """Return what the broker is to keep of a store, by topic."""
        wanted = {self._topics.state(store.id): self._message(store, state).model_dump_json()}
        for camera, alive in state.alive.items():
            wanted[self._topics.camera(store.id, camera)] = ALIVE if alive else SILENT
        kept = {topic: text.encode() for topic, text in wanted.items()}
        if self._topics.discovery:
            kept[self._topics.device(store.id)] = device_of(store, state.alive, self._topics)
        return kept

    async def _keep(self, store: str, wanted: Mapping[str, bytes]) -> None:
        """Have the broker keep what is wanted of a store, and nothing else."""
        published = self._published.setdefault(store, {})
        for topic, payload in wanted.items():
            if published.get(topic) != payload:
                await self._broker.publish(topic, payload, retain=True)
                published[topic] = payload
        for topic in published.keys() - wanted.keys():
            await self._broker.publish(topic, b"", retain=True)
            del published[topic]

    def _message(self, store: Store, state: StorePresence) -> StateMessage:
        card = state.last_member
        return StateMessage(
            store=store.id,
            present=state.present,
            members=state.members,
            last_member=None if card is None else self._called(card),
            last_member_at=None if card is None else card.first_at,
        )

    def _called(self, card: VisitCard) -> str | None:
        if card.member is None:
            return None
        return (card.member.name if self._names else None) or card.member.member_id
