"""Reads the clock regularly, and stores the readings in the record."""

import asyncio
import logging

from contract.errors import FacegateError
from gateway.clock.steady_clock import SteadyClock
from gateway.record.clock import last_reading, store_reading
from gateway.record.database import Database

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
KEEP_SECONDS = 60.0


class ClockWatch:
    """Updates its `steady` clock, and stores what that knows for the next process."""

    def __init__(self, database: Database) -> None:
        self.steady = SteadyClock()
        self._database = database

    async def start(self) -> None:
        """Resume from the last stored reading, before anything may expire."""
        self.steady.resume(await self._database.read(None, last_reading))

    async def run(self) -> None:
        """Read the clock for ever."""
        while True:
            for _ in range(round(KEEP_SECONDS / LOOK_SECONDS)):
                self.steady()
                await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._database.write(None, store_reading, self.steady.reading())
            except FacegateError as error:
                log.warning("the time is not kept: %s", error.detail)
