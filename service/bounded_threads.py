"""Threads for calls that would block the event loop, with bounded queues and with deadlines."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from typing import Self, TypeVar

from contract.deadline import Deadline
from contract.errors import Busy, DeadlineExceeded
from service.fair_turns import FairTurns

T = TypeVar("T")

log = logging.getLogger(__name__)

_MAX_PENDING = 256
"""Calls that one queue may hold; more are refused at once: they would only time out."""
_AHEAD = 2
"""Calls let in for each thread: one that is under way, and one for which it need not wait."""


class BoundedThreads:
    """A pool of `threads` threads; `name` is used in error texts and as the threads' prefix."""

    def __init__(self, threads: int, name: str) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._threads = threads
        self._name = name
        self._turns = FairTurns(_AHEAD * threads)
        self._line = self._turns.line()
        self._pending = 0

    def with_own_queue(self) -> Self:
        """Return the same threads with a queue of its own; the queues take turns."""
        other = copy(self)
        other._line = self._turns.line()
        other._pending = 0
        return other

    async def run(self, deadline: Deadline | None, call: Callable[[], T]) -> T:
        """Return what `call` returns.

        Raises Busy, and DeadlineExceeded: then a call that was under way goes on to its end.
        """
        if self._pending >= _MAX_PENDING:
            raise Busy(f"{self._pending} calls wait for a {self._name} thread")
        self._pending += 1
        try:
            async with asyncio.timeout(None if deadline is None else deadline.left), self._line:
                return await asyncio.get_running_loop().run_in_executor(self._executor, call)
        except TimeoutError:
            raise DeadlineExceeded(f"no {self._name} thread was done in time") from None
        finally:
            self._pending -= 1

    def run_idly(self, call: Callable[[], None]) -> None:
        """Run `call`, for which nobody waits, unless that would take the last free thread."""
        if self._turns.taken + 1 >= self._threads:
            return
        self._turns.take()
        asyncio.get_running_loop().run_in_executor(self._executor, call).add_done_callback(
            self._ran_idly
        )

    def _ran_idly(self, call: "asyncio.Future[None]") -> None:
        self._turns.leave()
        if not call.cancelled() and (error := call.exception()) is not None:
            log.error("what a %s thread did idly has failed", self._name, exc_info=error)

    def close(self) -> None:
        """End the threads, after what they are doing, for every queue."""
        self._executor.shutdown(cancel_futures=True)
