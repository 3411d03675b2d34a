"""A range of footfall, and an earlier one to compare it with, counted at one moment."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from gateway.record.visits.footfall_until import Until, footfall_until
from gateway.record.visits.traffic_rows import By, Footfall, Hours, footfall


class Counted(NamedTuple):
    """The sums of a range, and the counts of those of its buckets that have any."""

    total: Footfall
    buckets: Mapping[int, Footfall]


def count(
    connection: sa.Connection,
    store: str | None,
    ranges: Sequence[Hours],
    by: By,
    until: Until | None,
) -> list[Counted]:
    """Return the counts of `ranges`; the sums of those after the first count `until` a time."""
    counted = []
    for place, hours in enumerate(ranges):
        found, distinct = footfall(connection, store, hours, by)
        total = _total(found.values())._replace(uv=distinct)
        if place and until is not None:
            total = footfall_until(connection, store, hours, until)
        counted.append(Counted(total, found))
    return counted


def _total(rows: Iterable[Footfall]) -> Footfall:
    nobody = Footfall(*(0 for _ in Footfall._fields))
    return Footfall(*(sum(column) for column in zip(nobody, *rows, strict=True)))
