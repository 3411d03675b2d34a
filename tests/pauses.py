"""How long to pause between two looks at what a test waits for."""

from collections.abc import Iterator

_FIRST = 0.005
"""Seconds: what is soon there is soon seen."""


def pauses(longest: float) -> Iterator[float]:
    """Yield pauses without end, in seconds, each twice the one before, up to the longest."""
    pause = _FIRST
    while True:
        yield pause
        pause = min(2 * pause, longest)
