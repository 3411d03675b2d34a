"""How long to pause between two looks at what a test waits for."""

from collections.abc import Iterator

_FIRST, _LONGEST = 0.005, 0.1
"""Seconds: what is soon there is soon seen, and a look at processes costs 20 ms of CPU."""


def pauses() -> Iterator[float]:
    """Yield pauses without end, in seconds, each longer than the one before, up to the longest."""
    pause = _FIRST
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST)
