"""A range of hours on the clock of a store, as users ask for it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from contract.errors import BadTime
from gateway.record.traffic_rows import By, Hours
from gateway.store_clock import (
    HOURS_A_DAY,
    day_of,
    first_hour_of_day,
    first_hour_of_week,
    hour_of,
    hour_shown,
    milliseconds,
    shown_at,
    week_of,
)

MOST_ROWS = 10_000
_USUAL: dict[By, int] = {"hour": 24, "day": 30, "week": 12}
"""How many buckets are shown when nothing is asked for."""
_FIRST_HOUR = hour_shown(datetime(1, 1, 2))  # noqa: DTZ001 - what a clock shows has no zone
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Period:
    """Whole hours, days or weeks: `numbers` of buckets."""

    by: By
    numbers: range

    @classmethod
    def of(cls, by: By, start: str | None, end: str | None, zone: str) -> "Period":
        """Return the buckets that `start` and the time just before `end` are in, and all between.

        Each is a date, or a time with or without an offset, on a clock in `zone`. By default the
        period ends with the current bucket. Raises BadTime.
        """
        if end is None:
            last = _number(hour_of(milliseconds(datetime.now(UTC)), zone), by)
        else:
            shown = _shown(end, zone)
            last = _number(hour_shown(shown - timedelta(microseconds=1)), by)
        first = last - _USUAL[by] + 1
        if start is not None:
            first = _number(hour_shown(_shown(start, zone)), by)
        if first > last:
            raise BadTime("`from` is not before `to`")
        if last - first >= MOST_ROWS:
            raise BadTime(f"{last - first + 1} rows; at most {MOST_ROWS}: ask by day or week")
        return cls(by, range(first, last + 1))

    @property
    def hours(self) -> Hours:
        """The hours of all buckets."""
        return Hours(
            _first_hour(self.numbers.start, self.by), _first_hour(self.numbers.stop, self.by)
        )

    def before(self, days: int) -> "Period":
        """Return the same buckets so many days before. Raises BadTime."""
        if self.by == "week" and days % 7:
            raise BadTime(f"{days} days before are no whole weeks")
        shift = days * HOURS_A_DAY
        if self.by != "hour":
            shift = days if self.by == "day" else days // 7
        numbers = range(self.numbers.start - shift, self.numbers.stop - shift)
        earlier = Period(self.by, numbers)
        if earlier.hours.start < _FIRST_HOUR:
            raise BadTime(f"{days} days before there was no such time")
        return earlier

    def hours_of(self, number: int) -> Hours:
        """Return the hours of a bucket."""
        return Hours(_first_hour(number, self.by), _first_hour(number + 1, self.by))

    def start_of(self, number: int) -> str:
        """Return what the clock shows when a bucket begins: a time for hours, else a date."""
        return _text(_first_hour(number, self.by), self.by)

    @property
    def start(self) -> str:
        """What the clock shows when the period begins."""
        return self.start_of(self.numbers.start)

    @property
    def end(self) -> str:
        """What the clock shows when the period is over."""
        return self.start_of(self.numbers.stop)


def _shown(text: str, zone: str) -> datetime:
    """Return what the clock in `zone` shows at the moment that `text` says."""
    try:
        if _DAY.fullmatch(text):
            return datetime.fromisoformat(text)
        moment = datetime.fromisoformat(re.sub(r" (\d\d:\d\d)$", r"+\1", text))
        if moment.tzinfo is not None:
            moment = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise BadTime(f"{text!r} is neither a date such as 2026-05-04 nor a time") from None
    return moment


def _number(hour: int, by: By) -> int:
    if by == "hour":
        return hour
    return day_of(hour) if by == "day" else week_of(hour)


def _first_hour(number: int, by: By) -> int:
    if by == "hour":
        return number
    return first_hour_of_day(number) if by == "day" else first_hour_of_week(number)


def _text(hour: int, by: By) -> str:
    shown = shown_at(hour)
    return shown.isoformat(timespec="minutes") if by == "hour" else shown.date().isoformat()
