"""The last reading of the clock, for the next process of the gateway."""

import sqlalchemy as sa

from gateway.clock.steady_clock import Reading
from gateway.record.feed.schema import events
from gateway.record.schema import clock
from gateway.record.upsert import insert_into


def last_reading(connection: sa.Connection) -> Reading | None:
    """Return the last reading, or the time of the newest event; None in a new record."""
    row = connection.execute(sa.select(clock.c.believed, clock.c.shown, clock.c.stood)).first()
    if row is not None:
        return Reading(*row)
    newest = sa.select(events.c.at).order_by(events.c.seq.desc()).limit(1)
    at = connection.execute(newest).scalar()
    return None if at is None else Reading(at, at, 0)


def store_reading(connection: sa.Connection, reading: Reading) -> None:
    """Store the reading in place of the last one."""
    statement = insert_into(connection, clock).values(clock=1, **reading._asdict())
    connection.execute(
        statement.on_conflict_do_update(index_elements=[clock.c.clock], set_=reading._asdict())
    )
