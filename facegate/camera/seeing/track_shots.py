"""Which shots of a person are sent, and when.

The till wants to know at once, and three looks tell far better than one (docs/accuracy.md). So the
first good one goes at once, then the best of each of the following spans, each twice as long as the
one before, at most five in all; and when the person has gone, the best that is left.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from facegate.camera.seeing.shot import Shot

MOST = 5
"""Shots of one track."""
GOOD = 0.45
"""The worth of a shot that is sent without waiting for a better one."""
FIRST_SPAN = timedelta(seconds=0.6)
"""How long a better first shot is waited for; then the second one."""


class TrackShots:
    """The shots of one person, of which the best go out."""

    def __init__(self) -> None:
        self._sent = 0
        self.any_fit = False
        """Whether a stranger would be known again by one of them."""
        self._best: Shot | None = None
        self._since: datetime | None = None
        self._span = FIRST_SPAN

    def add(self, shot: Shot) -> None:
        """Take a shot; those that are worse than another one of its span are forgotten."""
        self.any_fit |= shot.fit
        if self._sent >= MOST:
            return
        if self._since is None:
            self._since = shot.at
        if self._best is None or _rank(shot) > _rank(self._best):
            self._best = shot

    def due(self, now: datetime) -> Iterator[Shot]:
        """Yield the shot that is to be sent now, if there is one."""
        best = self._best
        if best is None or self._since is None or not best.fit:
            return
        if (not self._sent and best.worth >= GOOD) or now - self._since >= self._span:
            yield self._send(best, now)

    def rest(self, now: datetime) -> Iterator[Shot]:
        """Yield what is left to send of a person who has gone: of nobody nothing but unfit shots.

        Who could not be seen well came all the same: the gateway counts them as unfit.
        """
        best = self._best
        if best is not None and (best.fit or not self._sent):
            yield self._send(best, now)

    def _send(self, shot: Shot, now: datetime) -> Shot:
        if self._sent:
            self._span *= 2
        self._sent += 1
        self._best, self._since = None, now
        return shot


def _rank(shot: Shot) -> tuple[bool, float]:
    return shot.fit, shot.worth
