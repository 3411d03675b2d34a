"""The year of visits that is loaded past the record's own way is one that the record could have."""

from pathlib import Path

import numpy as np
import pytest

from bench.traffic.history import HOUR, draw, store_name
from bench.traffic.loading import load
from gateway.record.database import Database
from gateway.record.visits.footfall_counts import Hours, footfall


@pytest.mark.parametrize("store", [0, None])
async def test_the_loaded_year_is_counted_as_it_was_drawn(
    record_url: str, tmp_path: Path, store: int | None
) -> None:
    history = draw(200, 1000, stores=5)
    await load(record_url, tmp_path, history)

    hours = Hours(int(history.first_at.min()) // HOUR, int(history.first_at.max()) // HOUR + 1)
    async with Database.at(record_url, tmp_path) as database:
        name = None if store is None else store_name(store)
        buckets, visitors = await database.read(None, footfall, name, hours, "day")

    here = history.store >= 0 if store is None else history.store == store
    assert sum(bucket.pv for bucket in buckets.values()) == here.sum()
    assert visitors == len(np.unique(history.person[here]))
    days = history.first_at[here] // (24 * HOUR)
    of_each = {day: len(np.unique(history.person[here][days == day])) for day in np.unique(days)}
    assert {day: bucket.uv for day, bucket in buckets.items()} == of_each
