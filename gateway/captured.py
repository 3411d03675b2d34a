"""When a frame was taken: what the camera says, as far as it can be believed."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contract.errors import BadTime, CapturedTooLongAgo

HISTORY = timedelta(days=7)
"""Frames that are older are refused: their visits may be erased already."""
SKEW = timedelta(seconds=60)
"""How far a camera's clock may be ahead before the answer says so."""

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Captured:
    """The moment that counts, never after `now`; whether the camera's clock is far ahead."""

    at: datetime
    now: datetime
    clock_ahead: bool = False

    @classmethod
    def of(cls, text: str | None, now: datetime | None = None) -> "Captured":
        """Return when a frame was taken: `text` in RFC 3339, or now when the camera does not say.

        A moment in the future is taken as now. Raises BadTime and CapturedTooLongAgo.
        """
        now = now or datetime.now(UTC)
        if text is None:
            return cls(now, now)
        said = _parsed(text)
        if said < now - HISTORY:
            raise CapturedTooLongAgo(f"{text}: at most {HISTORY.days} days ago are accepted")
        return cls(min(said, now), now, said > now + SKEW)


def _parsed(text: str) -> datetime:
    # A plus sign that a client forgot to encode arrives as a space.
    written = re.sub(r" (\d\d:\d\d)$", r"+\1", text)
    if not _RFC_3339.fullmatch(written):
        raise BadTime(f"{text!r} is not a time such as 2026-05-04T09:30:00+08:00")
    try:
        return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadTime(f"{text!r} is not a time: {error}") from error
