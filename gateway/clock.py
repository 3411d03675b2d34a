"""The time as the record keeps it."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Returns milliseconds since 1970, UTC."""


def now() -> int:
    """Return the time."""
    return time.time_ns() // 1_000_000
