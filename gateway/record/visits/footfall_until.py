"""Footfall up to a moment within an hour, for which the sums of whole hours do not suffice."""

import sqlalchemy as sa

from gateway.clock.store_clock import day_of, first_hour_of_day
from gateway.record.visits.cutoff import Cutoff
from gateway.record.visits.footfall_counts import FootfallCounts, Hours, visitors, within
from gateway.record.visits.schema import traffic, visits


def footfall_until(
    connection: sa.Connection, store: str | None, hours: Hours, until: Cutoff
) -> FootfallCounts:
    """Return the counts of the visits in `hours` that had begun by then. None: the whole chain."""
    split = min(max(hours.start, until.first_hour), hours.end)
    whole = _whole(connection, store, Hours(hours.start, split))
    part = _part(connection, store, Hours(split, hours.end), until)
    uv = _visitors(connection, store, hours, until)
    return FootfallCounts(*(one + two for one, two in zip(whole, part, strict=True)))._replace(
        uv=uv
    )


def _whole(connection: sa.Connection, store: str | None, hours: Hours) -> FootfallCounts:
    new = traffic.c.new if store is not None else traffic.c.chain_new
    columns = (traffic.c.pv, new, traffic.c.roaming, traffic.c.members, traffic.c.dwell_ms)
    query = sa.select(*map(_sum, columns)).where(*within(traffic, store, hours))
    pv, *rest = map(int, connection.execute(query).one())
    return FootfallCounts(pv, 0, *rest)


def _part(
    connection: sa.Connection, store: str | None, hours: Hours, until: Cutoff
) -> FootfallCounts:
    before = visits.c.before_here if store is not None else visits.c.before_anywhere
    columns = (
        sa.func.count(),
        _sum(sa.case((before.is_(None), 1), else_=0)),
        _sum(sa.case((visits.c.kind == "roaming", 1), else_=0)),
        _sum(sa.case((visits.c.member, 1), else_=0)),
        _sum(visits.c.last_at - visits.c.first_at),
    )
    counted = (*within(visits, store, hours), visits.c.counted, until.had_begun())
    pv, *rest = map(int, connection.execute(sa.select(*columns).where(*counted)).one())
    return FootfallCounts(pv, 0, *rest)


def _visitors(connection: sa.Connection, store: str | None, hours: Hours, until: Cutoff) -> int:
    """Return how many distinct persons came: each has one visit whose predecessor was before."""
    split = min(max(hours.start, first_hour_of_day(day_of(until.first_hour))), hours.end)
    whole = visitors(connection, store, Hours(hours.start, split)) if split > hours.start else 0
    before = visits.c.before_here if store is not None else visits.c.before_anywhere
    query = (
        sa.select(sa.func.count())
        .select_from(visits)
        .where(*within(visits, store, Hours(split, hours.end)), visits.c.counted)
        .where(before.is_(None) | (before < hours.start), until.had_begun())
    )
    return whole + int(connection.execute(query).scalar_one())


def _sum(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(column), 0)
