"""Threads for what would block the event loop: one owns the record, two search."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from contract.deadline import Deadline
from service.bounded_threads import BoundedThreads

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """Pools whose queues are bounded and whose calls have deadlines."""

    def __init__(self) -> None:
        self._record = BoundedThreads(1, "record")
        self._search = BoundedThreads(2, "search")
        self._files = BoundedThreads(2, "files")

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
