"""What the record has seen of the clock, for a gateway that starts."""

import sqlalchemy as sa

from gateway.clock.steady_clock import Reading
from gateway.record.feed.schema import events
from gateway.record.insertion import insert
from gateway.record.schema import clock


def last_reading(connection: sa.Connection) -> Reading | None:
    """Return the last one, or what the newest event tells; None in a record that is new."""
    row = connection.execute(sa.select(clock.c.believed, clock.c.shown, clock.c.stood)).first()
    if row is not None:
        return Reading(*row)
    newest = sa.select(events.c.at).order_by(events.c.seq.desc()).limit(1)
    at = connection.execute(newest).scalar()
    return None if at is None else Reading(at, at, 0)


def keep_reading(connection: sa.Connection, reading: Reading) -> None:
    """Keep the reading instead of the last one."""
    statement = insert(connection, clock).values(clock=1, **reading._asdict())
    connection.execute(
        statement.on_conflict_do_update(index_elements=[clock.c.clock], set_=reading._asdict())
    )
