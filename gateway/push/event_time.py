"""When an event was, by a camera's clock: with a zone, without one, or in seconds since 1970."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_LONGEST = 40
_SECONDS = re.compile(r"[0-9]{9,11}(?:\.[0-9]+)?")
_MILLISECONDS = re.compile(r"[0-9]{12,13}")
_COMPACT = re.compile(
    r"(20[0-9]{2})([0-9]{2})([0-9]{2})T?([0-9]{2})([0-9]{2})([0-9]{2})[0-9]{0,3}Z?"
)
_DAY_FIRST = re.compile(r"([0-9]{2})[-/.]([0-9]{2})[-/.](20[0-9]{2})(.*)")
"""As Dahua writes it: 16-04-2026 21:07:02."""


def moment_said(text: str, timezone: str, now: datetime, *, wall: bool = False) -> datetime | None:
    """Return the moment in UTC that `text` says; None when it says none.

    A time without a zone is one of a clock in `timezone`, the store's. `wall`: seconds since 1970
    may be counted by that clock, too. Of several readings the one nearest to `now` is taken: a
    camera tells what it has just seen.
    """
    try:
        moments = list(_readings(text.strip()[:_LONGEST], ZoneInfo(timezone), wall=wall))
    except (ValueError, OverflowError):
        return None
    return min(moments, key=lambda moment: abs(moment - now), default=None)


def _readings(text: str, zone: ZoneInfo, *, wall: bool) -> Iterator[datetime]:
    """Yield the moments that a text may mean. Raises ValueError and OverflowError."""
    seconds = _seconds(text)
    if seconds is None:
        yield from _in_zone(_clock_time(text), zone)
        return
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    yield moment
    if wall:
        yield from _in_zone(moment.replace(tzinfo=None), zone)


def _seconds(text: str) -> float | None:
    if _SECONDS.fullmatch(text):
        return float(text)
    return int(text) / 1000 if _MILLISECONDS.fullmatch(text) else None


def _clock_time(text: str) -> datetime:
    """Return the time, aware if it has a zone. Raises ValueError."""
    compact = _COMPACT.fullmatch(text)
    if compact is not None:
        year, month, day, hour, minute, second = map(int, compact.groups())
        zone = UTC if text.endswith("Z") else None
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    day_first = _DAY_FIRST.fullmatch(text)
    if day_first is not None:
        text = f"{day_first[3]}-{day_first[2]}-{day_first[1]}{day_first[4]}"
    return datetime.fromisoformat(text.replace("/", "-"))


def _in_zone(clock: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the moment of a time of a clock; both, where the clock shows it twice."""
    if clock.tzinfo is not None:
        yield clock.astimezone(UTC)
        return
    for fold in (0, 1):
        yield clock.replace(tzinfo=zone, fold=fold).astimezone(UTC)
