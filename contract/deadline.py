"""Deadlines that travel with a request as the milliseconds that are left.

What is left is sent, not a time of day, so that the clocks of two machines need not agree.
"""

import time
from typing import Self

from contract.errors import BadRequest, DeadlineExceeded

HEADER = "X-Facegate-Deadline-Ms"


class Deadline:
    """A point in this process's monotonic time."""

    def __init__(self, seconds: float) -> None:
        """Start a deadline `seconds` from now."""
        self._at = time.monotonic() + seconds

    @classmethod
    def from_header(cls, value: str | None, limit: float) -> Self:
        """Read the header's value; without one, or with a later one, `limit` seconds from now.

        Raises BadRequest when the value is not a number of milliseconds.
        """
        if value is None:
            return cls(limit)
        if not (value.isascii() and value.isdigit()):
            raise BadRequest(f"{HEADER}: {value[:20]!r} is not a whole number of milliseconds")
        return cls(min(limit, int(value[:12]) / 1000))

    @property
    def left(self) -> float:
        """Seconds left; 0 when it has passed."""
        return max(0.0, self._at - time.monotonic())

    @property
    def header(self) -> dict[str, str]:
        """The header that tells the next service how much is left."""
        return {HEADER: str(int(self.left * 1000))}

    def check(self) -> None:
        """Raise DeadlineExceeded when nothing is left."""
        if not self.left:
            raise DeadlineExceeded()
