"""Jobs that run beside the requests for as long as the service does.

None of them should end by itself. One that ends or raises is logged, started again after a pause
that grows, and reported: a service never serves with half of it dead unnoticed.

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
"""Seconds before a job that ended is started again; doubled each time that it ends at once."""

Job = Callable[[], Coroutine[None, None, None]]


class EndedByItself(Exception):
    """A job that should run for ever returned."""


class Background:
    """Keeps jobs running, by their names, between entering and leaving."""

    def __init__(
        self,
        jobs: Mapping[str, Job],
        one_off: Mapping[str, Job] = MappingProxyType({}),
        pauses: tuple[float, float] = (FIRST_PAUSE, LONGEST_PAUSE),
    ) -> None:
        """Prepare `jobs` that never end, and `one_off` jobs, which are done when they return.

        `pauses` are the first and the longest, in seconds, before a job is started again.
        """
        self._jobs = [
            *(_SupervisedJob(name, job, pauses, one_off=False) for name, job in jobs.items()),
            *(_SupervisedJob(name, job, pauses, one_off=True) for name, job in one_off.items()),
        ]
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def statuses(self) -> list[BackgroundStatus]:
        """The status of each job that is not done."""
        return [job.status for job in self._jobs if not job.done]

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(job.run()) for job in self._jobs]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Whoever keeps a cancelled task keeps what it was doing, and all that this refers to.
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _SupervisedJob:
    """One job, started again whenever it ends, and its status."""

    def __init__(self, name: str, job: Job, pauses: tuple[float, float], *, one_off: bool) -> None:
        self.status = BackgroundStatus(name=name, running=True, failures=0)
        self.done = False
        self._job = job
        self._first, self._longest = pauses
        self._pause = 0.0
        self._one_off = one_off

    async def run(self) -> None:
        """Run the job, again and again; a one-off one until it returns."""
        while not self.done:
            started = time.monotonic()
            # Gathered: a cancellation from inside the job is told apart from one of this task.
            [outcome] = await asyncio.gather(self._job(), return_exceptions=True)
            if self._one_off and outcome is None:
                self.done = True
                return
            lasted = time.monotonic() - started > self._longest
            self._failed(outcome or EndedByItself("it came to its end"), lasted=lasted)
            await asyncio.sleep(self._pause)
            self.status = self.status.model_copy(update={"running": True})

    def _failed(self, error: BaseException, *, lasted: bool) -> None:
        """Note that the job has ended, and how long to wait before it is started again."""
        again = self._pause and not lasted
        self._pause = min(2 * self._pause, self._longest) if again else self._first
        log.critical("%s: ended, and is begun again", self.status.name, exc_info=error)
        self.status = BackgroundStatus(
            name=self.status.name,
            running=False,
            failures=self.status.failures + 1,
            last_error=_public_text(error),
            failed_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )


def _public_text(error: BaseException) -> str:
    """Return what users may see of an error: of an unexpected one only its class."""
    if isinstance(error, FacegateError | EndedByItself):
        return str(error)
    return f"{type(error).__name__}; the log has more"
