"""Hours of every day, by the clock on a wall."""

import re
from dataclasses import dataclass
from typing import Self

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True)
class DailyHours:
    """From one time of the day to another, both `HH:MM`; it may be over midnight."""

    start: str
    end: str

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read a text such as `03:00-05:00`. Raises ValueError."""
        if not isinstance(text, str) or not _FORM.fullmatch(text) or text[:5] == text[6:]:
            raise ValueError(f"{text!r} is not two times of a day such as 03:00-05:00")
        return cls(text[:5], text[6:])

    def __str__(self) -> str:
        return f"{self.start}-{self.end}"

    def hold(self, shown: str) -> bool:
        """Say whether it is one of them when a clock shows `shown`, as `HH:MM`."""
        return self.minutes_since_start(shown) is not None

    def minutes_since_start(self, shown: str) -> int | None:
        """Return for how many minutes they have been held when a clock shows `shown`, or None."""
        since = (_minutes(shown) - _minutes(self.start)) % _MINUTES_A_DAY
        return (
            since if since < (_minutes(self.end) - _minutes(self.start)) % _MINUTES_A_DAY else None
        )


def _minutes(shown: str) -> int:
    hours, _, minutes = shown.partition(":")
    return 60 * int(hours) + int(minutes)
