"""Work that goes on beside the requests, and is kept going.

None of it should end by itself. What does is logged, begun again after a pause that grows, and
shown to whoever looks: a service never serves with half of it dead and nobody told.

    background = Background({"live feed": feed.run, "store map": watcher.run})
    async with background:
        await server.serve()
    background.statuses     # for /v1/cluster and the metrics
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from typing import Self

from contract.errors import FacegateError
from contract.messages.cluster import BackgroundStatus

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before what has ended is begun again; doubled each time that it ends at once."""

Work = Callable[[], Coroutine[None, None, None]]


class Ended(Exception):
    """Work that should go on for ever came to its end."""


class Background:
    """Keeps pieces of work going, by their names, between entering and leaving."""

    def __init__(
        self,
        forever: Mapping[str, Work],
        once: Mapping[str, Work] = MappingProxyType({}),
        pauses: tuple[float, float] = (FIRST_PAUSE, LONGEST_PAUSE),
    ) -> None:
        """Prepare what goes on `forever`, and what is over `once` it has come to its end.

        `pauses` are the first and the longest before something is begun again.
        """
        self._pieces = [
            *(_Piece(name, run, pauses, ends=False) for name, run in forever.items()),
            *(_Piece(name, run, pauses, ends=True) for name, run in once.items()),
        ]
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def statuses(self) -> list[BackgroundStatus]:
        """How each piece of work that is not over is doing."""
        return [piece.status for piece in self._pieces if not piece.over]

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(piece.keep()) for piece in self._pieces]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class _Piece:
    """One piece of work, and how it is doing."""

    def __init__(self, name: str, run: Work, pauses: tuple[float, float], *, ends: bool) -> None:
        self.status = BackgroundStatus(name=name, running=True, failures=0)
        self.over = False
        self._run = run
        self._first, self._longest = pauses
        self._pause = 0.0
        self._ends = ends

    async def keep(self) -> None:
        """Do the work, again and again unless it may end."""
        while not self.over:
            began = time.monotonic()
            # Gathered: what cancels the work from inside is told from what cancels this.
            [outcome] = await asyncio.gather(self._run(), return_exceptions=True)
            if self._ends and outcome is None:
                self.over = True
                return
            lasted = time.monotonic() - began > self._longest
            self._failed(outcome or Ended("it came to its end"), lasted=lasted)
            await asyncio.sleep(self._pause)
            self.status = self.status.model_copy(update={"running": True})

    def _failed(self, error: BaseException, *, lasted: bool) -> None:
        """Note that the work has ended, and how long to wait before it is begun again."""
        again = self._pause and not lasted
        self._pause = min(2 * self._pause, self._longest) if again else self._first
        log.critical("%s: ended, and is begun again", self.status.name, exc_info=error)
        self.status = BackgroundStatus(
            name=self.status.name,
            running=False,
            failures=self.status.failures + 1,
            last_error=_told(error),
            failed_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )


def _told(error: BaseException) -> str:
    """Return what may be shown of an error: of an unforeseen one its kind, the log has the rest."""
    if isinstance(error, FacegateError | Ended):
        return str(error)
    return f"{type(error).__name__}; the log has more"
