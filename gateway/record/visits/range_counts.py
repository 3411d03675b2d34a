"""Footfall of a range and of an earlier one to compare it with, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from gateway.record.visits.cutoff import Cutoff
from gateway.record.visits.footfall_counts import By, FootfallCounts, Hours, footfall
from gateway.record.visits.footfall_until import footfall_until


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
    """Return the counts of `ranges`; those after the first only up to the cutoff `until`."""
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
