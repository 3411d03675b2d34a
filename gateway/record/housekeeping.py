"""Deleting expired rows: idempotency keys, tracks and cameras."""

import asyncio
import logging

import sqlalchemy as sa

from contract.errors import FacegateError
from gateway.clock.clock import Clock
from gateway.record.cameras.camera_rows import delete_old_cameras
from gateway.record.database import Database
from gateway.record.visits.idempotency_keys import delete_expired_keys
from gateway.record.visits.schema import tracks

log = logging.getLogger(__name__)

_EVERY_SECONDS = 600
_TRACKS_KEPT = 24 * 3_600_000


async def run_housekeeping(database: Database, steady: Clock) -> None:
    """Delete what has expired by a steady clock, every ten minutes for ever."""
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        try:
            await database.write(None, delete_expired, steady())
        except FacegateError as error:
            log.warning("nothing was tidied up: %s", error.detail)


def delete_expired(connection: sa.Connection, now: int) -> None:
    """Delete the rows that have expired at the moment `now`."""
    delete_expired_keys(connection, now)
    delete_old_cameras(connection, now)
    connection.execute(sa.delete(tracks).where(tracks.c.last_at < now - _TRACKS_KEPT))
