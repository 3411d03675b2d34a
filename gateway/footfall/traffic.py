"""Footfall of a store and of the chain."""

from dataclasses import dataclass
from typing import Any

from contract.deadline import Deadline
from contract.messages.traffic import (
    EarlierFootfall,
    FootfallRow,
    RoamingAnswer,
    RoamingRow,
    TraceAnswer,
    TrafficAnswer,
)
from contract.stores.store_map import Store, StoreMap
from gateway.clock.clock import Clock, now
from gateway.footfall.period import Period
from gateway.footfall.store_clocks import StoreClocks
from gateway.record.database import Database
from gateway.record.visits.footfall_counts import By, FootfallCounts, roaming_sums
from gateway.record.visits.range_counts import RangeCounts, count_ranges
from gateway.record.visits.traces import trace_of

_NOBODY = FootfallCounts(0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class FootfallQuery:
    """A range of footfall; `against`: so many days before is the range to compare it with."""

    by: By
    start: str | None = None
    end: str | None = None
    against: int | None = None


class Traffic:
    """Counts visits and visitors."""

    def __init__(self, database: Database, clock: Clock = now) -> None:
        self._database = database
        self._clock = clock

    async def of_store(
        self, store: Store, query: FootfallQuery, deadline: Deadline
    ) -> TrafficAnswer:
        """Return the footfall of one store. Raises BadTime."""
        clocks = StoreClocks(self._clock(), {store.id: store.timezone})
        return await self._answer(store.id, query, clocks, deadline)

    async def of_chain(
        self, stores: StoreMap, query: FootfallQuery, deadline: Deadline
    ) -> TrafficAnswer:
        """Return the footfall of all stores, each by its own clock. Raises BadTime."""
        zones = {store.id: store.timezone for store in stores.stores.values()}
        return await self._answer(None, query, StoreClocks(self._clock(), zones), deadline)

    async def roaming(
        self, stores: StoreMap, start: str | None, end: str | None, deadline: Deadline
    ) -> RoamingAnswer:
        """Return where each store's roaming visitors come from. Raises BadTime."""
        zones = {store.id: store.timezone for store in stores.stores.values()}
        period = Period.of("day", start, end, StoreClocks(self._clock(), zones).common)
        sums = await self._database.read(deadline, roaming_sums, period.hours)
        rows = [RoamingRow(**row._asdict()) for row in sums]
        return RoamingAnswer(from_=period.start, to=period.end, rows=rows)

    async def trace(
        self, member_id: str, before: int | None, limit: int, deadline: Deadline
    ) -> TraceAnswer:
        """Return where a member was. Raises UnknownMember and NoConsent."""
        return await self._database.read(deadline, trace_of, member_id, before, limit)

    async def _answer(
        self, store: str | None, query: FootfallQuery, clocks: StoreClocks, deadline: Deadline
    ) -> TrafficAnswer:
        period = Period.of(query.by, query.start, query.end, clocks.common)
        so_far, before, until = clocks.under_way(period.hours), None, None
        if query.against is not None:
            before = period.before(query.against)
            until = clocks.cutoff(query.against) if so_far else None
        hours = [each.hours for each in (period, before) if each]
        counted = await self._database.read(deadline, count_ranges, store, hours, query.by, until)
        return TrafficAnswer(
            store=store,
            by=query.by,
            timezone=clocks.common,
            so_far=so_far,
            counted_until=clocks.shown if so_far else None,
            earlier=EarlierFootfall(**_range(before, counted[1], clocks)) if before else None,
            **_range(period, counted[0], clocks),
        )


def _range(period: Period, counted: RangeCounts, clocks: StoreClocks) -> dict[str, Any]:
    rows = [
        FootfallRow(
            start=period.start_of(number),
            state=clocks.state(period.hours_of(number)),
            **_shown(counted.buckets.get(number, _NOBODY)),
        )
        for number in period.numbers
    ]
    return {"from_": period.start, "to": period.end, "rows": rows, **_shown(counted.total)}


def _shown(counts: FootfallCounts) -> dict[str, Any]:
    pv, dwell_ms = counts.pv, counts.dwell_ms
    return {
        "pv": pv,
        "uv": counts.uv,
        "new": counts.new,
        "returning": pv - counts.new,
        "roaming": counts.roaming,
        "members": counts.members,
        "dwell_s": round(dwell_ms / pv / 1000, 1) if pv else None,
    }
