"""A gateway that starts long after the last one ran says that it does not believe its clock yet."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tests.gateway.fake_chain import running

DAY = 24 * 3_600_000


async def test_a_clock_that_is_ahead_of_the_record_is_shown(tmp_path: Path) -> None:
    last = time.time_ns() // 1_000_000 - 31 * DAY
    async with running(tmp_path) as chain:
        assert (await chain.cluster())["clock"]["steady"] is True
        assert "facegate_clock_ahead_seconds 0.0" in await chain.metrics()
    with closing(sqlite3.connect(tmp_path / "gateway.sqlite")) as record, record:
        record.execute("INSERT OR REPLACE INTO clock VALUES (1, ?, ?, 0)", (last, last))

    async with running(tmp_path) as chain:
        clock = (await chain.cluster())["clock"]
        page = (await chain.http.get("/cluster")).text
        metrics = await chain.metrics()

    assert clock["steady"] is False
    assert clock["ahead_seconds"] in range(31 * 86_400, 31 * 86_400 + 60)
    assert clock["waits_seconds"] in range(6 * 3600 - 60, 6 * 3600 + 1)
    assert "The clock is ahead by 31 days" in page
    assert "In 360 minutes it is believed" in page
    assert "facegate_clock_ahead_seconds 2.6784" in metrics
