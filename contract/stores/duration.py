"""Durations as ops write them: `30m`, `90s`, `12h`, `30d`, or a number of seconds."""

import re
from collections.abc import Callable
from datetime import timedelta

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def duration_between(shortest: str, longest: str) -> Callable[[object], timedelta]:
    """Return a parser of durations that are no shorter and no longer than these two.

    What it returns raises ValueError with what is expected.
    """
    least, most = _seconds(shortest), _seconds(longest)

    def parse(value: object) -> timedelta:
        seconds = 0.0 if isinstance(value, bool) else _seconds(str(value))
        if not least <= seconds <= most:
            raise ValueError(
                f"expected a duration such as 30m, 90s, 12h or 30d, from {shortest} to {longest}"
            )
        return timedelta(seconds=seconds)

    return parse


def _seconds(text: str) -> float:
    """Return the seconds that `text` says; 0 when it says none."""
    match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,15})?)\s*([smhd]?)", text.strip(), re.ASCII)
    return float(match[1]) * _SECONDS[match[2] or "s"] if match else 0.0
