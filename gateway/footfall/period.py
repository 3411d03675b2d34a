"""A range of hours on the clock of a store, as users ask for it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from contract.errors import BadTime
from contract.text.moment import clock_time_of
from gateway.clock.store_clock import (
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
from gateway.record.visits.footfall_counts import By, Hours

MOST_ROWS = 10_000
_USUAL: dict[By, int] = {"hour": 24, "day": 30, "week": 12}
"""How many buckets are shown when nothing is asked for."""
YEARS = range(1970, 9999)
"""What can be asked for: hours are counted from 1970, and Python's years end with 9999."""
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Period:
    """Whole hours, days or weeks: `numbers` of buckets."""

    by: By
    numbers: range

    @classmethod
    def of(cls, by: By, start: str | None, end: str | None, zone: str | None) -> "Period":
        """Return the buckets that `start` and the time just before `end` are in, and all between.

        Each is a date, or a time with or without an offset, on a clock in `zone`; without a zone
        the clocks differ, and no time has an offset. By default the period ends with the current
        bucket. Raises BadTime.
        """
        since, until = (None if text is None else _said(text, zone) for text in (start, end))
        if until is None:
            last = _number(hour_of(milliseconds(datetime.now(UTC)), zone or "UTC"), by)
        else:
            # Before a moment is not before what a clock shows then: in autumn it goes back.
            last = _number(hour_shown(_shown(until - _MICROSECOND, zone)), by)
        first = last - _USUAL[by] + 1
        if since is not None:
            first = _number(hour_shown(_shown(since, zone)), by)
        if first > last or (since and until and not _is_before(since, until, zone)):
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
        return Period(self.by, numbers)

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


def _said(text: str, zone: str | None) -> datetime:
    """Return the moment, or what the clock shows then, as `text` says it."""
    said = clock_time_of(text)
    if said.year not in YEARS:
        raise BadTime(f"{text[:50]!r} is not in the years {YEARS.start} to {YEARS.stop - 1}")
    if zone is None and said.tzinfo is not None:
        raise BadTime(f"{text[:50]!r} has an offset, but the clocks of the stores differ")
    return said


def _shown(said: datetime, zone: str | None) -> datetime:
    """Return what the clock in `zone` shows."""
    if zone is None or said.tzinfo is None:
        return said
    return said.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _is_before(since: datetime, until: datetime, zone: str | None) -> bool:
    if since.tzinfo is not None and until.tzinfo is not None:
        return since < until
    return _shown(since, zone) < _shown(until, zone)


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
