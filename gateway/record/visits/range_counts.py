"""A range of footfall, and an earlier one to compare it with, counted at one moment."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from gateway.record.visits.footfall_counts import By, FootfallCounts, Hours, footfall
from gateway.record.visits.footfall_until import Cutoff, footfall_until


class RangeCounts(NamedTuple):
    """The sums of a range, and the counts of those of its buckets that have any."""

    total: FootfallCounts
    buckets: Mapping[int, FootfallCounts]


def count_ranges(
    connection: sa.Connection,
    store: str | None,
    ranges: Sequence[Hours],
    by: By,
    until: Cutoff | None,
) -> list[RangeCounts]:
    """Return the counts of `ranges`; the sums of those after the first count `until` a time."""
    counted = []
    for place, hours in enumerate(ranges):
        found, distinct = footfall(connection, store, hours, by)
        total = _total(found.values())._replace(uv=distinct)
        if place and until is not None:
            total = footfall_until(connection, store, hours, until)
        counted.append(RangeCounts(total, found))
    return counted


def _total(rows: Iterable[FootfallCounts]) -> FootfallCounts:
    nobody = FootfallCounts(*(0 for _ in FootfallCounts._fields))
    return FootfallCounts(*(sum(column) for column in zip(nobody, *rows, strict=True)))
