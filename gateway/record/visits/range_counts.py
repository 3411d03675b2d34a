"""Footfall of a range and of an earlier one to compare it with, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from gateway.record.visits.cutoff import Cutoff
from gateway.record.visits.footfall_counts import By, FootfallCounts, Hours, footfall
from gateway.record.visits.footfall_until import footfall_until
from gateway.record.visits.seen_visits import seen_visits
from gateway.record.visits.unfit_faces import unfit_in
from scoring.counting_rates import SeenVisits


class RangeCounts(NamedTuple):
    """The sums of a range, the counts of those of its buckets that have any, and what was seen."""

    total: FootfallCounts
    buckets: Mapping[int, FootfallCounts]
    seen: SeenVisits
    """In the time until the range's end for which visitors are remembered."""
    unfit: Mapping[int, int]
    """Faces that nobody would know again, of those of its buckets that have any."""

    @property
    def all_unfit(self) -> int:
        """Those of the whole range."""
        return sum(self.unfit.values())


class RangeQuery(NamedTuple):
    """What is counted: in a store, or in the whole chain when it is None."""

    store: str | None
    ranges: Sequence[Hours]
    by: By
    until: Cutoff | None
    """Ranges after the first are counted up to then."""
    remembered: int
    """Hours for which visitors are remembered."""


def count_ranges(connection: sa.Connection, query: RangeQuery) -> list[RangeCounts]:
    """Return the counts of the ranges; those after the first only up to the cutoff `until`."""
    store, until = query.store, query.until
    counted = []
    for place, hours in enumerate(query.ranges):
        found, distinct = footfall(connection, store, hours, query.by)
        total = _total(found.values())._replace(uv=distinct)
        if place and until is not None:
            total = footfall_until(connection, store, hours, until)
        seen = seen_visits(connection, store, hours.end, query.remembered)
        unfit = unfit_in(connection, store, hours, query.by)
        counted.append(RangeCounts(total, found, seen, unfit))
    return counted


def _total(rows: Iterable[FootfallCounts]) -> FootfallCounts:
    nobody = FootfallCounts(*(0 for _ in FootfallCounts._fields))
    return FootfallCounts(*(sum(column) for column in zip(nobody, *rows, strict=True)))
