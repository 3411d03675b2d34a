"""Deletes events that are older than any reader may fall behind."""

import asyncio
import logging

from contract.errors import FacegateError
from gateway.clock.clock import Clock
from gateway.record.database import Database
from gateway.record.feed.feed import prune

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
AT_ONCE = 5000
"""Events of one transaction: short enough to hold no visit up."""


class EventPruning:
    """Deletes events once they are `hours` old by a steady clock."""

    def __init__(self, database: Database, hours: float, steady: Clock) -> None:
        self._database = database
        self._kept_ms = hours * 3_600_000
        self._steady = steady

    async def run(self) -> None:
        """Prune for ever."""
        while True:
            try:
                await self.prune()
            except FacegateError as error:
                log.warning("old events stay for now: %s", error.detail)
            await asyncio.sleep(EVERY_SECONDS)

    async def prune(self) -> None:
        """Delete all that is too old now."""
        before = round(self._steady() - self._kept_ms)
        while await self._database.write(None, prune, before, AT_ONCE) == AT_ONCE:
            pass
