"""Shows a store whom Frigate sees: a snapshot each time that there is a better one of somebody.

Frigate's id of a person is the track, so that all snapshots of one are one visit.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from contract.messages.recognition import RecognizeAnswer
from facegate.client.api_error import ApiError, GatewayUnreachable
from facegate.client.async_client import AsyncClient
from facegate.frigate.sighting import FrigateSighting, sighting_of
from facegate.frigate.snapshots import FrigateUnreachable, NoSnapshot, Snapshots

log = logging.getLogger(__name__)

MOST_OF_ONE = 5
"""Snapshots of one person that are shown: more tell a track nothing that it does not know."""
MOST_WAITING = 1000
"""People whose snapshots wait while Frigate or the gateway is away; the oldest go first."""
MOST_KNOWN = 10_000
"""People of whom is kept what was shown."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
_LATER = {401, 403, 404, 503, 504}
"""What may be otherwise later: a key that is replaced in its file or given its store, a store that
the map does not have yet, a gateway that is busy."""


@dataclass
class ShownCounts:
    """What became of the snapshots that Frigate told of."""

    shown: int = 0
    refused: int = 0
    missing: int = 0
    dropped: int = 0


@dataclass
class _Shown:
    """Of one person: how many snapshots were shown, and when the last one was taken."""

    snapshots: int = 0
    last: datetime | None = None


@dataclass
class Subscriber:
    """Shows `store` whom Frigate's cameras see; `cameras` are those that count, if any are named.

    `shown` hears of each answer. `run` is to go on beside `hear`, for ever.
    """

    store: str
    gateway: AsyncClient
    snapshots: Snapshots
    shown: Callable[[FrigateSighting, RecognizeAnswer], None]
    cameras: frozenset[str] = frozenset()
    counts: ShownCounts = field(default_factory=ShownCounts)
    _waiting: dict[str, FrigateSighting] = field(default_factory=dict)
    _known: dict[str, _Shown] = field(default_factory=dict)
    _heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, topic: str, message: bytes) -> None:
        """Take in a message of Frigate's; a better snapshot takes the place of one that waits."""
        sighting = sighting_of(message)
        if sighting is None or (self.cameras and sighting.camera not in self.cameras):
            return
        known = self._known.get(sighting.event, _Shown())
        if known.snapshots >= MOST_OF_ONE or (known.last and known.last >= sighting.at):
            return
        self._waiting[sighting.event] = sighting
        while len(self._waiting) > MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
            self.counts.dropped += 1
        self._heard.set()

    async def run(self) -> None:
        """Show what waits, the longest first; what cannot be shown yet goes on waiting."""
        pause = FIRST_PAUSE
        while True:
            await self._heard.wait()
            try:
                await self._show_all()
                pause = FIRST_PAUSE
            except (FrigateUnreachable, GatewayUnreachable, ApiError) as error:
                log.warning("%s; again in %g s", error, pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _show_all(self) -> None:
        while self._waiting:
            sighting = next(iter(self._waiting.values()))
            try:
                await self._show(sighting)
            except NoSnapshot as error:
                self.counts.missing += 1
                log.info("%s: no snapshot: %s", sighting.event, error)
            except ApiError as error:
                if error.retry_after is not None or error.status in _LATER:
                    raise
                self.counts.refused += 1
                log.warning("%s: refused: %s (%s)", sighting.event, error, error.code)
            except (FrigateUnreachable, GatewayUnreachable):
                raise
            except Exception:  # whatever one snapshot has met, the others are shown
                self.counts.refused += 1
                log.exception("%s: cannot be shown", sighting.event)
            if self._waiting.get(sighting.event) == sighting:  # and no better one came meanwhile
                del self._waiting[sighting.event]
        self._heard.clear()

    async def _show(self, sighting: FrigateSighting) -> None:
        picture = await self.snapshots.fetch(sighting.event)
        answer = await self.gateway.recognize(
            self.store,
            picture,
            camera=sighting.camera,
            track=sighting.event,
            captured_at=sighting.at,
            key=sighting.key,
        )
        self.counts.shown += 1
        known = self._known.pop(sighting.event, _Shown())
        self._known[sighting.event] = _Shown(known.snapshots + 1, sighting.at)
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self.shown(sighting, answer)
