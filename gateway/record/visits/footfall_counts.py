"""Footfall: sums of hours, put together, and the distinct visitors of a whole range."""

from typing import Literal, NamedTuple

import sqlalchemy as sa

from gateway.clock.store_clock import DAYS_BEFORE, HOURS_A_DAY, day_of
from gateway.record.scope import CHAIN
from gateway.record.visits.schema import returns, traffic, visits

By = Literal["hour", "day", "week"]


class Hours(NamedTuple):
    """Hours from `start` until just before `end`."""

    start: int
    end: int


class FootfallCounts(NamedTuple):
    """What is counted, in one bucket or in all. The docs define each."""

    pv: int
    uv: int
    new: int
    roaming: int
    members: int
    dwell_ms: int


class RoamingSum(NamedTuple):
    """Visits to `store` by those whom `home_store` knows."""

    store: str
    home_store: str
    visits: int
    visitors: int


def footfall(
    connection: sa.Connection, store: str | None, hours: Hours, by: By
) -> tuple[dict[int, FootfallCounts], int]:
    """Return the counts of each bucket that has any, and the distinct visitors of all `hours`.

    The keys are numbers of hours, days or weeks. `store` None: the whole chain.
    """
    return _buckets(connection, store, hours, by), visitors(connection, store, hours)


def _buckets(
    connection: sa.Connection, store: str | None, hours: Hours, by: By
) -> dict[int, FootfallCounts]:
    scope = "chain_" if store is None else ""
    columns = ("pv", f"{scope}uv_{by}", f"{scope}new", "roaming", "members", "dwell_ms")
    # By hour first: that is the order of the index, where days of all stores would be sorted.
    hourly = (
        sa.select(traffic.c.hour, *(sa.func.sum(traffic.c[name]).label(name) for name in columns))
        .where(*within(traffic, store, hours))
        .group_by(traffic.c.hour)
        .subquery()
    )
    bucket = bucket_of(hourly.c.hour, by)
    query = sa.select(bucket, *(sa.func.sum(hourly.c[name]) for name in columns))
    rows = connection.execute(query.group_by(bucket))
    return {int(number): FootfallCounts(*map(int, sums)) for number, *sums in rows}


def visitors(connection: sa.Connection, store: str | None, hours: Hours) -> int:
    """Return how many distinct persons came: each has one visit whose predecessor was before."""
    if hours.start % HOURS_A_DAY == 0 == hours.end % HOURS_A_DAY:
        return _visitors_of_days(connection, store, hours)
    before = visits.c.before_anywhere if store is None else visits.c.before_here
    query = (
        sa.select(sa.func.count())
        .select_from(visits)
        .where(*within(visits, store, hours), visits.c.counted)
        .where(before.is_(None) | (before < hours.start))
    )
    return int(connection.execute(query).scalar_one())


def _visitors_of_days(connection: sa.Connection, store: str | None, hours: Hours) -> int:
    first, end = day_of(hours.start), day_of(hours.end)
    query = sa.select(sa.func.coalesce(sa.func.sum(returns.c.visitors), 0)).where(
        returns.c.store == (CHAIN if store is None else store),
        returns.c.day >= first,
        returns.c.day < end,
        returns.c.before_day < first,
    )
    return int(connection.execute(query).scalar_one())


def roaming_sums(connection: sa.Connection, hours: Hours) -> list[RoamingSum]:
    """Return who roams where: by store visited and home store, in the order of their names."""
    before = visits.c.before_here
    first = sa.case((before.is_(None) | (before < hours.start), 1), else_=0)
    query = (
        sa.select(visits.c.store, visits.c.home_store, sa.func.count(), sa.func.sum(first))
        .where(*within(visits, None, hours), visits.c.kind == "roaming", visits.c.counted)
        .group_by(visits.c.store, visits.c.home_store)
        .order_by(visits.c.store, visits.c.home_store)
    )
    return [
        RoamingSum(store, home, int(count), int(distinct))
        for store, home, count, distinct in connection.execute(query)
    ]


def within(table: sa.Table, store: str | None, hours: Hours) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a store's rows in `hours`; of all stores when it is None."""
    within = [table.c.hour >= hours.start, table.c.hour < hours.end]
    return within if store is None else [table.c.store == store, *within]


def bucket_of(hour: sa.ColumnElement[int], by: By) -> sa.ColumnElement[int]:
    """Return the number of the bucket in SQL, as `store_clock` has it."""
    if by == "hour":
        return hour
    day = hour // HOURS_A_DAY
    return day if by == "day" else (day + DAYS_BEFORE) // 7
