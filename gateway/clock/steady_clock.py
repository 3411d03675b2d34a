"""The clock by which things expire: it accepts a jump of the system's only once that has stood.

A clock that is a month ahead for a moment would otherwise erase every visitor. A gateway that was
off for a month sees the same, a jump; so a jump is neither believed nor refused at once. Until it
has stood for a tenth of its length, 10 minutes at least and 6 hours at most, the believed time goes
on from where it was, by the monotonic clock. A clock that goes back is believed at once: nothing
expires by that.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from contract.messages.cluster import ClockStatus
from gateway.clock.clock import Clock, iso, now

log = logging.getLogger(__name__)

TOLERATED = 30_000
"""Milliseconds by which clocks may differ: time servers set a clock by less, now and then."""
UNSEEN = 300_000
"""Milliseconds without a look; a process that was halted for longer cannot vouch for the time."""
SHORTEST_DOUBT, LONGEST_DOUBT = 600_000, 6 * 3_600_000
_SLEW = 50
"""A fiftieth of the time that has passed is how much a clock is believed to be off by itself."""


class Reading(NamedTuple):
    """What the record keeps of the clock: milliseconds since 1970, and of standing."""

    believed: int
    shown: int
    """What the clock showed, believed or not."""
    stood: int
    """How long it has shown a time that is not believed yet."""


class SteadyClock:
    """Call it for the believed time, and look often: at least every few minutes."""

    def __init__(self, clock: Clock = now, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._up = self._elapsed()
        self._line = clock() - self._up
        """What the clock shows less the monotonic one, as far as that is believed."""
        self._doubted: int | None = None
        """The same of a jump that is not believed yet."""
        self._stood = 0

    def __call__(self) -> int:
        """Return the believed time in milliseconds since 1970. Looks at the clock, too."""
        self._look()
        return self._line + self._up

    @property
    def status(self) -> ClockStatus:
        """What operators are shown."""
        believed = self()
        if self._doubted is None:
            return ClockStatus(steady=True)
        ahead = self._doubted - self._line
        return ClockStatus(
            steady=False,
            ahead_seconds=ahead // 1000,
            believed=iso(believed),
            waits_seconds=max(0, _doubt(ahead) - self._stood) // 1000,
        )

    def resume(self, last: Reading | None) -> None:
        """Go on from what an earlier process has kept; None: there is nothing that could expire."""
        if last is None:
            return
        shown = self._clock()
        off = shown - last.believed
        if off <= SHORTEST_DOUBT:
            return
        log.warning(
            "the clock is %s ahead of the record: nothing expires by it before it has stood for %s",
            *(timedelta(milliseconds=ms) for ms in (off, _doubt(off))),
        )
        self._line = last.believed - self._up
        self._doubted = shown - self._up
        since = shown - last.shown
        # What is further ahead than what was doubted is another jump.
        same = -TOLERATED <= since <= max(last.shown - last.believed, SHORTEST_DOUBT)
        self._stood = last.stood if same else 0

    def reading(self) -> Reading:
        """Return what to keep for a process to come."""
        believed = self()
        doubted = self._line if self._doubted is None else self._doubted
        return Reading(believed, doubted + self._up, self._stood)

    def _look(self) -> None:
        up = self._elapsed()
        passed, self._up = up - self._up, up
        self._line -= max(0, passed - UNSEEN)
        line = self._clock() - up
        ahead = line - self._line
        if ahead > TOLERATED:
            self._wait(line, ahead, passed)
        else:
            self._agree(line, ahead, passed)

    def _agree(self, line: int, ahead: int, passed: int) -> None:
        if self._doubted is not None:
            log.warning("the clock does not show another time any more")
        elif ahead < -TOLERATED:
            log.warning("the clock went back by %s", timedelta(milliseconds=-ahead))
        self._line = min(line, self._line + passed // _SLEW)
        self._doubted, self._stood = None, 0

    def _wait(self, line: int, ahead: int, passed: int) -> None:
        if self._doubted is None or abs(line - self._doubted) > TOLERATED:
            self._doubted, self._stood = line, 0
            log.error(
                "the clock jumped ahead by %s: nothing expires by it before it has stood for %s",
                *(timedelta(milliseconds=ms) for ms in (ahead, _doubt(ahead))),
            )
            return
        self._stood += min(passed, UNSEEN)
        if self._stood >= _doubt(ahead):
            log.warning("the clock is believed again, %s ahead", timedelta(milliseconds=ahead))
            self._line, self._doubted, self._stood = line, None, 0

    def _elapsed(self) -> int:
        return round(self._monotonic() * 1000)


def _doubt(ahead: int) -> int:
    """Return for how many milliseconds a jump has to stand until it is believed."""
    return min(max(ahead // 10, SHORTEST_DOUBT), LONGEST_DOUBT)
