"""The hours of a day in which a store has least to do, by the clock on its wall."""

import re
from dataclasses import dataclass
from typing import Self

from gateway.clock.store_clock import time_shown

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class QuietHours:
    """From one time of the day to another, both `HH:MM`; it may be over midnight."""

    start: str
    end: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a text such as `03:00-05:00`. Raises ValueError."""
        if not _FORM.fullmatch(text) or text[:5] == text[6:]:
            raise ValueError(f"{text!r} is not two times of a day such as 03:00-05:00")
        return cls(text[:5], text[6:])

    def hold(self, at: int, timezone: str) -> bool:
        """Say whether a clock in `timezone` shows one of them at `at`, milliseconds since 1970."""
        shown = time_shown(at, timezone)[-5:]
        if self.start < self.end:
            return self.start <= shown < self.end
        return shown >= self.start or shown < self.end
