"""The live feed: publishes the events of stores to followers, in order and without repetition.

One query of the record, a few times a second, finds the new events of all followed stores,
whichever gateway has written them. Each channel keeps the most recent events for its followers; a
follower that is slower than that reads on from the record at its own pace. So a follower costs a
position, not a queue, and cannot delay others.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from contract.errors import Busy, FacegateError, NotReady
from contract.messages.live import ResetEvent
from contract.messages.message import Message
from gateway.live.at_camera import told_at
from gateway.record.database import Database
from gateway.record.feed.feed import FeedEvent, events_after, is_retained, latest_position
from gateway.record.feed.position import Position
from gateway.record.scope import CHAIN

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2
PAGE = 200
MOST_RECENT = 500
"""Events of a store that are kept in memory."""
MOST_FOLLOWERS = 1000


@dataclass(frozen=True)
class FeedMessage:
    """What a follower gets: an event and the position after it; without `message` a heartbeat."""

    position: Position
    name: str = ""
    message: Message | None = None


@dataclass
class _Channel:
    """A store that is followed. Every event after `floor` up to `read` is in `recent`."""

    floor: Position
    read: Position
    recent: deque[FeedEvent] = field(default_factory=deque)
    followers: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, event: FeedEvent) -> None:
        if self.read.has_read(event.store, event.seq):
            return
        self.read = self.read.after(event.store, event.seq)
        self.recent.append(event)
        if len(self.recent) > MOST_RECENT:
            oldest = self.recent.popleft()
            self.floor = self.floor.after(oldest.store, oldest.seq)

    def after(self, position: Position) -> list[FeedEvent] | None:
        """Return the events after `position`, or None when not all of them are in memory."""
        if not position.reaches(self.floor):
            return None
        return [event for event in self.recent if not position.has_read(event.store, event.seq)]

    def notify(self) -> None:
        """Wake all followers that wait for an event."""
        self.changed.set()
        self.changed = asyncio.Event()


class LiveFeed:
    """Publishes events to followers until `ending` returns true; `run` is a background task."""

    def __init__(
        self, database: Database, ending: Callable[[], bool], heartbeat_seconds: float
    ) -> None:
        self._database = database
        self._ending = ending
        self._heartbeat_seconds = heartbeat_seconds
        self._channels: dict[str, _Channel] = {}
        self._followed = asyncio.Event()
        self.followers = 0

    async def run(self) -> None:
        """Poll the record for ever, while there are followers."""
        while True:
            await self._followed.wait()
            try:
                await self._poll()
            except FacegateError as error:
                log.warning("the live feed waits for the record: %s", error.detail)
            if self._ending():
                self._notify_all()
            await asyncio.sleep(POLL_SECONDS)

    async def follow(
        self, store: str, position: Position | None, camera: str | None = None
    ) -> AsyncGenerator[FeedMessage, None]:
        """Yield the events of `store`, or of one `camera` there, after `position`, or from now on.

        The first message holds the position to start from and no event. Ends when the gateway
        does. Raises Busy and NotReady.
        """
        if self._ending():
            raise NotReady("the gateway is about to stop")
        if self.followers >= MOST_FOLLOWERS:
            raise Busy(f"{self.followers} feeds are followed already")
        start, lost = await self._start(store, position)
        yield start
        if lost is not None:
            yield lost
        async with self._channel(store) as channel:
            async for message in self._messages(store, channel, start.position, camera):
                yield message

    async def _start(
        self, store: str, position: Position | None
    ) -> tuple[FeedMessage, FeedMessage | None]:
        if position is not None and await self._database.read(None, is_retained, position):
            return FeedMessage(position), None
        now = FeedMessage(await self._database.read(None, latest_position, store))
        if position is None:
            return now, None
        reason = "what came after that is no longer kept; look anew at who is present"
        return now, FeedMessage(now.position, "reset", ResetEvent(reason=reason))

    async def _messages(
        self, store: str, channel: _Channel, position: Position, camera: str | None
    ) -> AsyncIterator[FeedMessage]:
        told_at_last = time.monotonic()
        while not self._ending():
            changed = channel.changed
            found = channel.after(position)
            if found is None:
                found = await self._database.read(
                    None, events_after, {store: position.store, CHAIN: position.chain}, PAGE
                )
            for event in found:
                position = position.after(event.store, event.seq)
                for name, message in told_at(event, camera):
                    yield FeedMessage(position, name, message)
                    told_at_last = time.monotonic()
            patience = told_at_last + self._heartbeat_seconds - time.monotonic()
            if (not found and not await _set_within(changed, patience)) or patience <= 0:
                yield FeedMessage(position)
                told_at_last = time.monotonic()

    @contextlib.asynccontextmanager
    async def _channel(self, store: str) -> AsyncIterator[_Channel]:
        """Register a follower of the store; the first one opens its channel, the last closes it."""
        self.followers += 1
        try:
            if store not in self._channels:
                now = await self._database.read(None, latest_position, store)
                self._channels.setdefault(store, _Channel(now, now))
            channel = self._channels[store]
            channel.followers += 1
            self._followed.set()
            try:
                yield channel
            finally:
                channel.followers -= 1
                if not channel.followers:
                    del self._channels[store]
                if not self._channels:
                    self._followed.clear()
        finally:
            self.followers -= 1

    async def _poll(self) -> None:
        while await self._poll_page() == PAGE:
            pass

    async def _poll_page(self) -> int:
        channels = dict(self._channels)
        positions = {store: channel.read.store for store, channel in channels.items()}
        positions[CHAIN] = min((c.read.chain for c in channels.values()), default=0)
        found = await self._database.read(None, events_after, positions, PAGE)
        self._distribute(channels, found)
        return len(found)

    def _distribute(self, channels: Mapping[str, _Channel], found: list[FeedEvent]) -> None:
        for event in found:
            concerned = channels.values() if event.store == CHAIN else [channels[event.store]]
            for channel in concerned:
                channel.add(event)
        for store in {event.store for event in found}:
            for channel in channels.values() if store == CHAIN else [channels[store]]:
                channel.notify()

    def _notify_all(self) -> None:
        for channel in self._channels.values():
            channel.notify()


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
        return True
    return False
