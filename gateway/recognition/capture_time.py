"""When a frame was taken: what the camera says, as far as it can be believed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contract.errors import CapturedTooLongAgo
from contract.text.moment import moment_of

HISTORY = timedelta(days=7)
"""Frames that are older are refused: their visits may be erased already."""
SKEW = timedelta(seconds=60)
"""How far a camera's clock may be ahead before the answer says so."""


@dataclass(frozen=True)
class CaptureTime:
    """The moment that counts, never after `now`; whether the camera's clock is far ahead."""

    at: datetime
    now: datetime
    clock_ahead: bool = False
    ahead: timedelta | None = None
    """By how much what the camera says is in the future; None when it does not say."""
    doubted: bool = False
    """Whether a clock said something else that cannot be believed."""

    @classmethod
    def of(cls, text: str | None, now: datetime | None = None) -> "CaptureTime":
        """Return when a frame was taken: `text` in RFC 3339, or now when the camera does not say.

        A moment in the future is taken as now. Raises BadTime and CapturedTooLongAgo.
        """
        now = now or datetime.now(UTC)
        if text is None:
            return cls(now, now)
        said = moment_of(text)
        if said < now - HISTORY:
            raise CapturedTooLongAgo(f"{text}: at most {HISTORY.days} days ago are accepted")
        return cls(min(said, now), now, said > now + SKEW, said - now)

    @classmethod
    def believed(cls, said: datetime | None, now: datetime) -> "CaptureTime":
        """Return `said`, which is aware, as far as it can be believed; `now` for anything else.

        For cameras that cannot be told that their clock is wrong, and would only lose a visit.
        """
        if said is None:
            return cls(now, now)
        is_ahead = said > now + SKEW
        if said < now - HISTORY:
            return cls(now, now, ahead=said - now, doubted=True)
        return cls(min(said, now), now, is_ahead, said - now, doubted=is_ahead)
