"""Moments and times of a clock as text, in the forms of RFC 3339.

Python's own reader takes more than that: dates of weeks, the basic forms, hours without minutes.
"""

import re
from datetime import UTC, datetime, timedelta

from contract.errors import BadTime

_DAY = r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
_MINUTE = r"[Tt ](?P<minute>(?:[01][0-9]|2[0-3]):[0-5][0-9])"
_SECOND = r":(?P<second>[0-5][0-9]|60)(?:\.(?P<fraction>[0-9]+))?"
_OFFSET = r"(?P<offset>[Zz]|[+\- ](?:[01][0-9]|2[0-3]):[0-5][0-9])"
"""A plus sign that a client forgot to encode arrives as a space."""

_MOMENT = re.compile(_DAY + _MINUTE + _SECOND + _OFFSET)
_CLOCK_TIME = re.compile(f"{_DAY}(?:{_MINUTE}(?:{_SECOND})?{_OFFSET}?)?")
_MICROSECOND = timedelta(microseconds=1)


def moment_of(text: str) -> datetime:
    """Return the moment that `text` says, in UTC. Raises BadTime.

    A leap second, in which UTC shows 23:59:60, is the last microsecond before midnight.
    """
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise BadTime(f"{text[:50]!r} is not a time such as 2026-05-04T09:30:00+08:00")
    try:
        return _read(match).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadTime(f"{text[:50]!r} is not a time: {error}") from None


def clock_time_of(text: str) -> datetime:
    """Return the day, the time of a clock or, aware, the moment that `text` says. Raises BadTime.

    A day begins at midnight; seconds may be left out.
    """
    match = _CLOCK_TIME.fullmatch(text)
    if match is None:
        raise BadTime(f"{text[:50]!r} is neither a date such as 2026-05-04 nor a time")
    try:
        return _read(match)
    except (ValueError, OverflowError) as error:
        raise BadTime(f"{text[:50]!r} is neither a date nor a time: {error}") from None


def _read(match: re.Match[str]) -> datetime:
    """Raises ValueError and OverflowError where there is no such time."""
    minute, second, offset = match["minute"] or "00:00", match["second"] or "00", match["offset"]
    zone = "" if offset is None else offset.replace(" ", "+").upper()
    read = datetime.fromisoformat(f"{match['day']}T{minute}:00{zone}")
    if second == "60":
        return _before_midnight(read)
    micros = int((match["fraction"] or "")[:6].ljust(6, "0"))
    return read.replace(second=int(second), microsecond=micros)


def _before_midnight(minute: datetime) -> datetime:
    if minute.tzinfo is None or minute.astimezone(UTC).strftime("%H:%M") != "23:59":
        raise ValueError("second must be in 0..59 but where UTC has a leap second")
    return minute + timedelta(minutes=1) - _MICROSECOND
