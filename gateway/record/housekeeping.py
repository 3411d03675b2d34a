"""What the record forgets by itself."""

import asyncio
import logging

import sqlalchemy as sa

from contract.errors import FacegateError
from gateway.clock.clock import Clock
from gateway.record.database import Database
from gateway.record.visits.idempotency_keys import delete_expired_keys
from gateway.record.visits.schema import tracks

log = logging.getLogger(__name__)

_EVERY_SECONDS = 600
_TRACKS_KEPT = 24 * 3_600_000


async def keep_house(database: Database, steady: Clock) -> None:
    """Forget old keys and tracks, for ever, by a steady clock."""
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        try:
            await database.write(None, forget, steady())
        except FacegateError as error:
            log.warning("nothing was tidied up: %s", error.detail)


def forget(connection: sa.Connection, now: int) -> None:
    """Forget what is of no use any more at the moment `now`."""
    delete_expired_keys(connection, now)
    connection.execute(sa.delete(tracks).where(tracks.c.last_at < now - _TRACKS_KEPT))
