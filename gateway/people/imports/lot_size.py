"""How many lines are written in one transaction."""

import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

C = TypeVar("C")
P = ParamSpec("P")
T = TypeVar("T")

_SECONDS_IN_TURNS = 0.015
"""For which a transaction may keep a visit waiting, where that is written after it."""
_SECONDS = 0.1
"""The same where both are written at once: for it members alone may have to wait."""
_FEWEST = 16
"""What a transaction costs whatever is in it is shared by so many lines at least."""
_MOST = 500


class LotSize:
    """As many lines as were written lately in the time that others can wait."""

    def __init__(self, *, in_turns: bool) -> None:
        """Begin with few; `in_turns` where the record lets nobody else write meanwhile."""
        self.lines = _FEWEST
        self._seconds = _SECONDS_IN_TURNS if in_turns else _SECONDS

    def fit(self, lines: int, seconds: float) -> None:
        """Learn that it took so long to write so many lines."""
        fitting = round(lines * self._seconds / max(seconds, 1e-6))
        self.lines = max(_FEWEST, min(fitting, 2 * self.lines, _MOST))


def timed(
    connection: C,
    work: Callable[Concatenate[C, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> tuple[T, float]:
    """Return what `work` returns, and how many seconds it took."""
    begun = time.perf_counter()
    return work(connection, *args, **kwargs), time.perf_counter() - begun
