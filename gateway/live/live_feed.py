"""The live feed: tells everybody who follows a store what happens in it, in order, nothing twice.

One question to the record, a few times a second, finds what is new in all stores that anybody
follows, whichever gateway has written it. Each store keeps its last events here for its followers;
one that is slower than that reads on from the record, at its own pace. So a follower costs a
number, not a queue, and holds nobody up.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from contract.errors import Busy, FacegateError, NotReady
from contract.messages.live import ResetEvent
from contract.messages.message import Message
from gateway.record.database import Database
from gateway.record.feed.feed import Told, is_kept, newest, told_after
from gateway.record.feed.position import Position
from gateway.record.scope import CHAIN

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2
PAGE = 200
KEPT = 500
"""Events of a store that its followers need not read from the record."""
MOST_FOLLOWERS = 1000


@dataclass(frozen=True)
class Telling:
    """What a follower gets: an event with the position after it, or nothing but a sign of life."""

    position: Position
    name: str = ""
    message: Message | None = None


@dataclass
class _Channel:
    """One store that is followed. Every event after `floor` up to `read` is in `kept`."""

    floor: Position
    read: Position
    kept: deque[Told] = field(default_factory=deque)
    followers: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, told: Told) -> None:
        if self.read.has_read(told.store, told.seq):
            return
        self.read = self.read.after(told.store, told.seq)
        self.kept.append(told)
        if len(self.kept) > KEPT:
            oldest = self.kept.popleft()
            self.floor = self.floor.after(oldest.store, oldest.seq)

    def after(self, position: Position) -> list[Told] | None:
        """Return what came after `position`, None when that is not all kept here."""
        if not position.reaches(self.floor):
            return None
        return [told for told in self.kept if not position.has_read(told.store, told.seq)]

    def announce(self) -> None:
        """Wake everybody who waits for news."""
        self.news.set()
        self.news = asyncio.Event()


class LiveFeed:
    """Followers of stores. `ending` says when they have to leave; `run` beside the requests."""

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
        """Look for news for ever, while anybody waits for some."""
        while True:
            await self._followed.wait()
            try:
                await self._look()
            except FacegateError as error:
                log.warning("the live feed waits for the record: %s", error.detail)
            if self._ending():
                self._announce_all()
            await asyncio.sleep(POLL_SECONDS)

    async def follow(self, store: str, position: Position | None) -> AsyncGenerator[Telling, None]:
        """Yield what happens in `store` after `position`, or from now on.

        The first one says where that is. Ends when the gateway does. Raises Busy and NotReady.
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
            async for telling in self._tell(store, channel, start.position):
                yield telling

    async def _start(self, store: str, position: Position | None) -> tuple[Telling, Telling | None]:
        if position is not None and await self._database.read(None, is_kept, position):
            return Telling(position), None
        now = Telling(await self._database.read(None, newest, store))
        if position is None:
            return now, None
        reason = "what came after that is no longer kept; look anew at who is present"
        return now, Telling(now.position, "reset", ResetEvent(reason=reason))

    async def _tell(
        self, store: str, channel: _Channel, position: Position
    ) -> AsyncIterator[Telling]:
        while not self._ending():
            news = channel.news
            found = channel.after(position)
            if found is None:
                found = await self._database.read(
                    None, told_after, {store: position.store, CHAIN: position.chain}, PAGE
                )
            for told in found:
                position = position.after(told.store, told.seq)
                yield Telling(position, told.name, told.message)
            if not found and not await _set_within(news, self._heartbeat_seconds):
                yield Telling(position)

    @contextlib.asynccontextmanager
    async def _channel(self, store: str) -> AsyncIterator[_Channel]:
        """Count a follower of the store; the first one opens its channel, the last closes it."""
        self.followers += 1
        try:
            if store not in self._channels:
                now = await self._database.read(None, newest, store)
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

    async def _look(self) -> None:
        while await self._look_at_page() == PAGE:
            pass

    async def _look_at_page(self) -> int:
        channels = dict(self._channels)
        positions = {store: channel.read.store for store, channel in channels.items()}
        positions[CHAIN] = min((c.read.chain for c in channels.values()), default=0)
        found = await self._database.read(None, told_after, positions, PAGE)
        self._hand_out(channels, found)
        return len(found)

    def _hand_out(self, channels: Mapping[str, _Channel], found: list[Told]) -> None:
        for told in found:
            concerned = channels.values() if told.store == CHAIN else [channels[told.store]]
            for channel in concerned:
                channel.add(told)
        for store in {told.store for told in found}:
            for channel in channels.values() if store == CHAIN else [channels[store]]:
                channel.announce()

    def _announce_all(self) -> None:
        for channel in self._channels.values():
            channel.announce()


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
        return True
    return False
