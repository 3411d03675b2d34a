"""The time in milliseconds since 1970, UTC, as the record has it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], int]
"""Returns milliseconds since 1970, UTC."""


def now() -> int:
    """Return the time now."""
    return time.time_ns() // 1_000_000


def iso(at: int) -> str:
    """Return the moment `at`, milliseconds since 1970, as ISO 8601 in UTC."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
