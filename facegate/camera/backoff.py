"""How long to wait before something is tried again."""

import random


class Backoff:
    """Waits that double, up to a bound, each a little shorter by chance: agents do not march."""

    def __init__(self, first: float = 0.5, most: float = 30.0) -> None:
        """Begin with `first` seconds, and never wait longer than `most`."""
        self._first, self._most = first, most
        self._next = first

    def seconds(self, at_least: float = 0.0) -> float:
        """Return how long to wait now, for `at_least` so many seconds."""
        wait = self._next * random.uniform(0.75, 1.0)  # noqa: S311 - no secret
        self._next = min(self._most, self._next * 2)
        return max(wait, at_least)

    def reset(self) -> None:
        """Begin again: it worked."""
        self._next = self._first
