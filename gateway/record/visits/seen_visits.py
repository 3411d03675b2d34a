"""What a store has seen of its visitors while it remembers them: sums that are kept, and a sample.

Rates of counting wrongly follow it (`scoring.counting_rates`).
"""

import sqlalchemy as sa

from gateway.clock.store_clock import HOURS_A_DAY, day_of, first_hour_of_day
from gateway.record.visits.footfall_counts import Hours, visitors, within
from gateway.record.visits.schema import traffic, visits
from scoring.counting_rates import SeenVisits

_SAMPLE = 500
"""The last visits tell how many frames one has; reading them takes a millisecond."""
_MOST_FRAMES = 3
"""A visit is named by so many frames at most; what is seen of it later joins what is named."""


def seen_visits(
    connection: sa.Connection, store: str | None, before: int, remembered: int
) -> SeenVisits:
    """Return what was seen until the hour `before`, in `remembered` hours, both made whole days.

    `store` None: in the whole chain.
    """
    first, end = max(0, day_of(before - remembered)), day_of(before + HOURS_A_DAY - 1)
    hours = Hours(first_hour_of_day(first), first_hour_of_day(end))
    pv = sa.select(sa.func.coalesce(sa.func.sum(traffic.c.pv), 0))
    seen = int(connection.execute(pv.where(*within(traffic, store, hours))).scalar_one())
    return SeenVisits(visitors(connection, store, hours), seen, _frames(connection, store, hours))


def _frames(connection: sa.Connection, store: str | None, hours: Hours) -> float:
    """Return the mean frames by which one of the last visits was named; 1 where there is none."""
    enough = visits.c.frames > _MOST_FRAMES
    last = (
        sa.select(sa.case((enough, _MOST_FRAMES), else_=visits.c.frames).label("frames"))
        .where(*within(visits, store, hours), visits.c.counted)
        .order_by(visits.c.hour.desc())
        .limit(_SAMPLE)
        .subquery()
    )
    frames = connection.execute(sa.select(sa.func.avg(last.c.frames))).scalar()
    return float(frames or 1.0)
