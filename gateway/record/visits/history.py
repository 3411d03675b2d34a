"""How often somebody came."""

from datetime import timedelta

import sqlalchemy as sa

from contract.messages.faces import VisitHistory
from gateway.clock.clock import iso
from gateway.record.visits.schema import visits

_HOURS_IN_30_DAYS = timedelta(days=30) // timedelta(hours=1)


_HOUR = 3_600_000


def history_of(connection: sa.Connection, which: sa.ColumnElement[bool], now: int) -> VisitHistory:
    """Return the history of the visits that `which` selects, at the moment `now`."""
    totals = connection.execute(
        sa.select(
            sa.func.count(), sa.func.min(visits.c.first_at), sa.func.max(visits.c.last_at)
        ).where(which)
    ).one()
    if not totals[0]:
        return VisitHistory(count=0)
    recent = visits.c.first_at >= now - _HOURS_IN_30_DAYS * _HOUR
    days = sa.select(sa.func.count(sa.distinct(visits.c.hour // 24))).where(which, recent)
    return VisitHistory(
        count=totals[0],
        first_seen=iso(totals[1]),
        last_seen=iso(totals[2]),
        days_in_30=connection.execute(days).scalar_one(),
    )


def history_of_face(connection: sa.Connection, face: tuple[str, str], now: int) -> VisitHistory:
    """Return how often a FaceId was seen, at the moment `now` in milliseconds since 1970."""
    seen = (visits.c.home_store == face[0]) & (visits.c.face_id == face[1])
    return history_of(connection, seen, now)
