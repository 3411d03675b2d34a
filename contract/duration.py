"""Durations as ops write them: `30m`, `90s`, `12h`, `30d`, or a number of seconds."""

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(value: object) -> timedelta:
    """Return the positive duration that `value` says. Raises ValueError with what is expected."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", str(value).strip())
    if isinstance(value, bool) or match is None or float(match[1]) == 0:
        raise ValueError("expected a duration such as 30m, 90s, 12h or 30d")
    try:
        return timedelta(**{_UNITS[match[2] or "s"]: float(match[1])})
    except OverflowError as error:
        raise ValueError("the duration is too long") from error
