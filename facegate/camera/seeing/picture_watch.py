"""Whether a camera still sees: a picture that stands still, or that shows nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from contract.messages.cameras.agent_status import AgentProblem

FROZEN_AFTER = timedelta(seconds=60)
"""A sensor's noise and an encoder's key frames change something every few seconds."""
BLIND_AFTER = timedelta(seconds=10)
_DARK = 12.0
"""Mean luminance of 255; video's black is 0 to 16."""
_FLAT = 4.0
"""Standard deviation of the luminance: a hand on the lens, a wall, fog."""


class PictureWatch:
    """Looks at each thumbnail, and says what begins and ends: `frozen`, `dark` or `covered`."""

    def __init__(self) -> None:
        self._before: NDArray[np.uint8] | None = None
        self._since: dict[AgentProblem, datetime] = {}
        self._told: set[AgentProblem] = set()

    def look(
        self, thumbnail: NDArray[np.uint8], at: datetime
    ) -> Iterator[tuple[AgentProblem, bool]]:
        """Yield what is wrong from now on (True), or no longer (False)."""
        is_dark = float(thumbnail.mean()) < _DARK
        is_flat = float(thumbnail.std()) < _FLAT
        is_same = self._before is not None and np.array_equal(self._before, thumbnail)
        self._before = thumbnail
        yield from self._judge("frozen", is_same, at, FROZEN_AFTER)
        yield from self._judge("dark", is_dark, at, BLIND_AFTER)
        yield from self._judge("covered", is_flat and not is_dark, at, BLIND_AFTER)

    def _judge(
        self, what: AgentProblem, is_so: bool, at: datetime, after: timedelta
    ) -> Iterator[tuple[AgentProblem, bool]]:
        if not is_so:
            self._since.pop(what, None)
            if what in self._told:
                self._told.remove(what)
                yield what, False
        elif at - self._since.setdefault(what, at) >= after and what not in self._told:
            self._told.add(what)
            yield what, True
