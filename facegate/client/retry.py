"""When a call that was refused for the moment may go again."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from facegate.client.api_error import ApiError

_SHORTEST = 0.1
"""Seconds, also after `Retry-After: 0`: no gateway is asked in a tight loop."""


class RetryBudget:
    """The time that one call may spend on waiting for a gateway that answers `Retry-After`."""

    def __init__(self, seconds: float) -> None:
        """Wait `seconds` in all, however often the call goes."""
        self._ends = time.monotonic() + seconds

    def pause(self, error: ApiError) -> float:
        """Return the seconds until the call goes again.

        Raises `error` itself when it has no `Retry-After`, or one beyond the budget.
        """
        if error.retry_after is None:
            raise error
        pause = max(error.retry_after, _SHORTEST)
        if time.monotonic() + pause > self._ends:
            raise error
        return pause


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a `Retry-After`, which has them or a date; None without a usable one.

    A date counts from the answer's own `Date` where it has one: clocks differ.
    """
    given = headers.get("Retry-After", "").strip()
    if given.isascii() and given.isdigit():
        return float(given)
    until = _date(given)
    if until is None:
        return None
    now = date_of(headers) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """Return when an answer was made, by the clock of who made it; None where it does not say."""
    return _date(headers.get("Date", ""))


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
