"""Whether a bar is met."""

from typing import NamedTuple


class Verdict(NamedTuple):
    """One bar."""

    bar: str
    met: bool
    measured: str

    @property
    def line(self) -> str:
        """What is printed."""
        return f"bar: {self.bar}: {'met' if self.met else 'MISSED'} ({self.measured})"
