"""Lets go of events that are older than any reader may fall behind."""

import asyncio
import logging
import time
from datetime import timedelta

from contract.errors import FacegateError
from gateway.record.database import Database
from gateway.record.feed import prune

log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
AT_ONCE = 5000
"""Events of one transaction: short enough to hold no visit up."""


class EventPruning:
    """Deletes events once they are `kept` old."""

    def __init__(self, database: Database, kept: timedelta) -> None:
        self._database = database
        self._kept_ms = kept / timedelta(milliseconds=1)

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
        before = round(time.time() * 1000 - self._kept_ms)
        while await self._database.write(None, prune, before, AT_ONCE) == AT_ONCE:
            pass
