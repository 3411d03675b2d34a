"""Hours, days and weeks on the clock of a store.

The clock on the wall decides what hour, day and week a visit belongs to. Hours are counted from
1970-01-01 00:00 on that clock, so days and weeks follow by division, and the hour that the clock
shows twice in autumn is one hour of the count.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

HOURS_A_DAY = 24
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - what a clock on a wall shows has no zone
DAYS_BEFORE = 3  # the week of 1970-01-01, a Thursday, began three days before


def milliseconds(moment: datetime) -> int:
    """Return an aware `moment` in milliseconds since 1970, UTC."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def moment_of(at: int) -> datetime:
    """Return the moment `at`, milliseconds since 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)


def hour_of(at: int, timezone: str) -> int:
    """Return the hour that a clock in `timezone` shows at the moment `at`."""
    shown = moment_of(at).astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    return (shown - _EPOCH) // timedelta(hours=1)


def time_shown(at: int, timezone: str) -> str:
    """Return what a clock in `timezone` shows at the moment `at`, to the minute."""
    shown = moment_of(at).astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    return shown.isoformat(timespec="minutes")


def time_of_day(at: int, timezone: str) -> str:
    """Return the hour and minute that a clock in `timezone` shows at the moment `at`: `HH:MM`."""
    return time_shown(at, timezone)[-5:]


def same_time_before(at: int, days: int, timezone: str) -> tuple[int, int]:
    """Return when a clock in `timezone` showed, `days` before, what it shows at `at`.

    It is the hour and the moment; of a time that was shown twice, the first one.
    """
    zone = ZoneInfo(timezone)
    shown = moment_of(at).astimezone(zone).replace(tzinfo=None, fold=0) - timedelta(days=days)
    return hour_shown(shown), milliseconds(shown.replace(tzinfo=zone))


def day_of(hour: int) -> int:
    """Return the day of an hour, counted from 1970-01-01."""
    return hour // HOURS_A_DAY


def week_of(hour: int) -> int:
    """Return the week, Monday to Sunday, of an hour; that of 1970-01-01 is 0."""
    return (day_of(hour) + DAYS_BEFORE) // 7


def first_hour_of_day(day: int) -> int:
    """Return the hour in which the day begins."""
    return day * HOURS_A_DAY


def first_hour_of_week(week: int) -> int:
    """Return the hour in which the week begins: Monday, midnight."""
    return first_hour_of_day(week * 7 - DAYS_BEFORE)


def shown_at(hour: int) -> datetime:
    """Return what the clock shows when the hour begins."""
    return _EPOCH + timedelta(hours=hour)


def hour_shown(shown: datetime) -> int:
    """Return the hour in which a clock shows `shown`, which has no zone."""
    return (shown - _EPOCH) // timedelta(hours=1)
