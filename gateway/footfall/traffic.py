"""Footfall of a store and of the chain."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

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
from gateway.footfall.estimates import Estimates, remembered_hours
from gateway.footfall.period import Period
from gateway.footfall.store_clocks import StoreClocks
from gateway.record.database import Database
from gateway.record.visits.footfall_counts import By, FootfallCounts, roaming_sums
from gateway.record.visits.range_counts import RangeCounts, RangeQuery, count_ranges
from gateway.record.visits.traces import trace_of
from scoring.counting_rates import CountingTable, SeenVisits, counting_table

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

    def __init__(
        self,
        database: Database,
        clock: Clock = now,
        *,
        counting: Callable[[Store], CountingTable | None] = lambda store: counting_table(),
    ) -> None:
        """`counting` returns how wrongly a store's visitors are counted; None: nobody knows."""
        self._database = database
        self._clock = clock
        self._counting = counting

    async def of_store(
        self, store: Store, query: FootfallQuery, deadline: Deadline
    ) -> TrafficAnswer:
        """Return the footfall of one store. Raises BadTime."""
        return await self._answer(store.id, [store], query, deadline)

    async def of_chain(
        self, stores: StoreMap, query: FootfallQuery, deadline: Deadline
    ) -> TrafficAnswer:
        """Return the footfall of all stores, each by its own clock. Raises BadTime."""
        return await self._answer(None, [*stores.stores.values()], query, deadline)

    async def roaming(
        self, stores: StoreMap, start: str | None, end: str | None, deadline: Deadline
    ) -> RoamingAnswer:
        """Return where each store's roaming visitors come from. Raises BadTime."""
        period = Period.of("day", start, end, self._clocks(stores.stores.values()).common)
        sums = await self._database.read(deadline, roaming_sums, period.hours)
        rows = [RoamingRow(**row._asdict()) for row in sums]
        return RoamingAnswer(from_=period.start, to=period.end, rows=rows)

    async def trace(
        self, member_id: str, before: int | None, limit: int, deadline: Deadline
    ) -> TraceAnswer:
        """Return where a member was. Raises UnknownMember and NoConsent."""
        return await self._database.read(deadline, trace_of, member_id, before, limit)

    async def _answer(
        self, store: str | None, stores: Sequence[Store], query: FootfallQuery, deadline: Deadline
    ) -> TrafficAnswer:
        """Return the footfall of `store`, or of all `stores` when it is None."""
        clocks = self._clocks(stores)
        period = Period.of(query.by, query.start, query.end, clocks.common)
        so_far, before, until = clocks.under_way(period.hours), None, None
        if query.against is not None:
            before = period.before(query.against)
            until = clocks.cutoff(query.against) if so_far else None
        hours = [each.hours for each in (period, before) if each]
        asked = RangeQuery(store, hours, query.by, until, remembered_hours(stores))
        counted = await self._database.read(deadline, count_ranges, asked)
        shown = [_Shown(clocks, each, self._estimates(stores, each.seen)) for each in counted]
        return TrafficAnswer(
            store=store,
            by=query.by,
            timezone=clocks.common,
            so_far=so_far,
            counted_until=clocks.shown if so_far else None,
            earlier=EarlierFootfall(**shown[1].range(before)) if before else None,
            **shown[0].range(period),
        )

    def _estimates(self, stores: Sequence[Store], seen: SeenVisits) -> Estimates | None:
        """Return how counts are corrected; None where one store's errors are not known."""
        tables = [table for table in map(self._counting, stores) if table is not None]
        return Estimates.of(stores, tables, seen) if stores and len(tables) == len(stores) else None

    def _clocks(self, stores: Iterable[Store]) -> StoreClocks:
        return StoreClocks(self._clock(), {store.id: store.timezone for store in stores})


class _Shown(NamedTuple):
    """What is shown of a range."""

    clocks: StoreClocks
    counted: RangeCounts
    estimates: Estimates | None
    """None where it was not measured how often a store's face network counts people wrongly."""

    def range(self, period: Period) -> dict[str, Any]:
        """Return the fields of an answer about the range, with its rows."""
        rows = [
            FootfallRow(
                start=period.start_of(number),
                state=self.clocks.state(period.hours_of(number)),
                faces_unfit=self.counted.unfit.get(number, 0),
                **self._values(self.counted.buckets.get(number, _NOBODY)),
            )
            for number in period.numbers
        ]
        total = {"faces_unfit": self.counted.all_unfit, **self._values(self.counted.total)}
        return {"from_": period.start, "to": period.end, "rows": rows, **total}

    def _values(self, counts: FootfallCounts) -> dict[str, Any]:
        pv, dwell_ms = counts.pv, counts.dwell_ms
        return {
            "pv": pv,
            "uv": counts.uv,
            "new": counts.new,
            "returning": pv - counts.new,
            "roaming": counts.roaming,
            "members": counts.members,
            "dwell_s": round(dwell_ms / pv / 1000, 1) if pv else None,
            **(self.estimates.fields(counts) if self.estimates else {}),
        }
