"""Threads for calls that would block the event loop, with a bounded queue and with deadlines."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from contract.deadline import Deadline
from contract.errors import Busy, DeadlineExceeded

T = TypeVar("T")

log = logging.getLogger(__name__)

_MAX_PENDING = 256
"""Calls that one pool runs or queues; more are refused at once: they would only time out."""


class BoundedThreads:
    """A pool of `threads` threads; `name` is used in error texts and as the threads' prefix."""

    def __init__(self, threads: int, name: str) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._threads = threads
        self._name = name
        self._pending = 0

    async def run(self, deadline: Deadline | None, call: Callable[[], T]) -> T:
        """Return what `call` returns.

        Raises Busy, and DeadlineExceeded: then a call that was under way goes on to its end.
        """
        if self._pending >= _MAX_PENDING:
            raise Busy(f"{self._pending} calls wait for a {self._name} thread")
        self._pending += 1
        try:
            async with asyncio.timeout(None if deadline is None else deadline.left):
                return await asyncio.get_running_loop().run_in_executor(self._executor, call)
        except TimeoutError:
            raise DeadlineExceeded(f"no {self._name} thread was done in time") from None
        finally:
            self._pending -= 1

    def run_idly(self, call: Callable[[], None]) -> None:
        """Run `call`, for which nobody waits, unless that would take the last free thread."""
        if self._pending + 1 >= self._threads:
            return
        self._pending += 1
        asyncio.get_running_loop().run_in_executor(self._executor, call).add_done_callback(
            self._ran_idly
        )

    def _ran_idly(self, call: "asyncio.Future[None]") -> None:
        self._pending -= 1
        if not call.cancelled() and (error := call.exception()) is not None:
            log.error("what a %s thread did idly has failed", self._name, exc_info=error)

    def close(self) -> None:
        """End the threads, after what they are doing."""
        self._executor.shutdown(cancel_futures=True)
