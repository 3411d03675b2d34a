"""Threads for what would block the event loop: one owns the record, two search."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from contract.deadline import Deadline
from contract.errors import Busy, DeadlineExceeded

P = ParamSpec("P")
T = TypeVar("T")

_MOST_INSIDE = 256
"""Calls inside one pool; more are refused at once: those that wait now would time out first."""


class Threads:
    """Pools whose queues are bounded and whose calls have deadlines."""

    def __init__(self) -> None:
        self._record = _Pool(1, "record")
        self._search = _Pool(2, "search")
        self._files = _Pool(2, "files")

    async def record(
        self, deadline: Deadline | None, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `call` on the one thread that owns the gallery.

        Raises Busy, and DeadlineExceeded: then a call that was under way may still have stored.
        """
        return await self._record.run(deadline, lambda: call(*args, **kwargs))

    async def search(
        self, deadline: Deadline | None, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `call` on a thread for searches. Raises Busy and DeadlineExceeded."""
        return await self._search.run(deadline, lambda: call(*args, **kwargs))

    async def files(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `call`, which reads files of the store's folder."""
        return await self._files.run(None, lambda: call(*args, **kwargs))

    def close(self) -> None:
        """End the threads, after what they are doing."""
        for pool in (self._files, self._search, self._record):
            pool.close()


class _Pool:
    def __init__(self, threads: int, name: str) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._name = name
        self._inside = 0

    async def run(self, deadline: Deadline | None, call: Callable[[], T]) -> T:
        if self._inside >= _MOST_INSIDE:
            raise Busy(f"{self._inside} calls wait for a {self._name} thread")
        self._inside += 1
        try:
            async with asyncio.timeout(None if deadline is None else deadline.left):
                return await asyncio.get_running_loop().run_in_executor(self._executor, call)
        except TimeoutError:
            raise DeadlineExceeded(f"no {self._name} thread was done in time") from None
        finally:
            self._inside -= 1

    def close(self) -> None:
        self._executor.shutdown(cancel_futures=True)
