"""How much of the time costly work may take: a share, of which some can be saved up."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

USUAL_SHARE = 0.05
"""Of a core. Measured (`python -m bench.detect`): on the clip it finds everybody whom the CNN finds
in every picture, in a sixth of its time."""
MOST_SAVED = 0.25
"""Seconds of CPU that can be saved up: the CNN on one or two pictures of 640 × 360."""


class DutyBudget:
    """Earns its share of the time that passes. What is begun is paid whole, perhaps as a debt."""

    def __init__(
        self, share: float = USUAL_SHARE, cpu: Callable[[], float] = time.thread_time
    ) -> None:
        """`share` is of one core, 0 to 1; `cpu` tells the seconds that this thread has computed."""
        self._share = share
        self._cpu = cpu
        self._saved = MOST_SAVED
        self._earned_at: float | None = None

    def allows(self, now: float, *, on_credit: bool = False) -> bool:
        """Say whether the work may be done at a moment, in seconds of any clock.

        `on_credit` it may be done a little too early, and what follows waits longer.
        """
        if self._earned_at is not None:
            passed = max(0.0, now - self._earned_at)
            self._saved = min(MOST_SAVED, self._saved + passed * self._share)
        self._earned_at = now
        return self._share > 0 and self._saved > (-MOST_SAVED if on_credit else 0.0)

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Pay for what is computed within the block."""
        began = self._cpu()
        try:
            yield
        finally:
            self._saved -= self._cpu() - began
