"""Estimates of visitors beside what is counted; docs/visits.md says what is estimated."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Self

from contract.messages.traffic import Estimate
from contract.stores.store_map import Store
from gateway.record.visits.footfall_counts import FootfallCounts
from scoring.counting_rates import CountingTable, SeenVisits
from scoring.visitor_estimate import CountEstimate, CountingRates, estimate


def remembered_hours(stores: Sequence[Store]) -> int:
    """Return for how long a visitor is remembered in one of the stores at least."""
    longest = max((store.visitor_retention for store in stores), default=timedelta())
    return -(-longest // timedelta(hours=1))


@dataclass(frozen=True)
class Estimates:
    """How a store's counts, or those of several together, are corrected."""

    rates: CountingRates
    known: int
    """FaceIds that were there while they are remembered."""

    @classmethod
    def of(cls, stores: Sequence[Store], tables: Sequence[CountingTable], seen: SeenVisits) -> Self:
        """Return how counts of `stores` are corrected, which have seen so much together.

        Visitors are told apart store by store, so rates are the means of the stores': what the map
        says of a store, otherwise what was measured for one of their mean size; `tables` has what
        was measured with the face network of each.
        """
        each = max(1, len(stores))
        one = SeenVisits(seen.visitors // each, seen.visits // each, seen.frames)
        measured = {table.model: table.at(one) for table in tables}
        pairs = zip(stores, tables, strict=True)
        rates = [_told(store, measured[table.model]) for store, table in pairs]
        means = map(statistics.fmean, zip(*rates, strict=True))
        return cls(CountingRates(*means), seen.visitors)

    def fields(self, counts: FootfallCounts) -> Mapping[str, Estimate]:
        """Return the estimates of a bucket or range, by their names in answers."""
        return _fields(counts.pv, counts.uv, counts.new, self)


@lru_cache(maxsize=8192)  # a year has 8,760 hours, and most of them few visits
def _fields(pv: int, uv: int, new: int, by: Estimates) -> Mapping[str, Estimate]:
    """Return the estimates of these counts.

    Who vanishes in the FaceId of somebody who did not come is missing in `new`, not in `uv`.
    """
    met = by.rates.within(uv / max(1, by.known))
    people = estimate(uv, pv, met, at_least=min(1, uv))
    strangers = estimate(new, pv, by.rates)
    others = CountEstimate(pv - strangers.value, pv - strangers.high, pv - strangers.low)
    named = {"uv": people, "new": strangers, "returning": others}
    return {f"{name}_estimate": Estimate(**each._asdict()) for name, each in named.items()}


def _told(store: Store, measured: CountingRates) -> CountingRates:
    """Return the rates of a store: what its map says of them, and the others as measured."""
    said = {"missed": store.missed_visits, "confused": store.confused_visitors}
    return measured._replace(**{name: rate for name, rate in said.items() if rate is not None})
