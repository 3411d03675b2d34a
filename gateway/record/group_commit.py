"""Group commit: small writes that wait together share a transaction, and its wait for the disk."""

from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from contract.deadline import Deadline
from service.bounded_threads import BoundedThreads

T = TypeVar("T")

_MOST = 32
"""Writes in one transaction: the first of them waits for the last."""


class GroupCommit:
    """Writes on a pool of one thread, in the order in which they come.

    When one of a group fails, each is run again in a transaction of its own.
    """

    def __init__(
        self,
        threads: BoundedThreads,
        transact: Callable[[Callable[[sa.Connection], Any]], Any],
    ) -> None:
        """Prepare; `transact` runs a function of a connection in a transaction, and commits it."""
        self._threads = threads
        self._transact = transact
        self._waiting: deque[_Write[Any]] = deque()

    async def run(self, deadline: Deadline | None, work: Callable[[sa.Connection], T]) -> T:
        """Return what `work` returned, once that is on disk; it may run several times.

        Raises what it raises, Busy, and DeadlineExceeded: then it may still have stored.
        """
        write = _Write(work)
        self._waiting.append(write)
        try:
            # Each has a turn of its own; who finds that an earlier turn took its write is done.
            await self._threads.run(deadline, self._turn)
        except BaseException:  # cancelled, too: nobody waits for its write
            write.is_wanted = False
            raise
        return write.outcome()

    def _turn(self) -> None:
        """Run what waits now."""
        count = min(len(self._waiting), _MOST)
        writes = [self._waiting.popleft() for _ in range(count)]
        wanted = [write for write in writes if write.is_wanted]
        if len(wanted) == 1 or not self._together(wanted):
            for write in wanted:
                write.run(self._transact)

    def _together(self, writes: "list[_Write[Any]]") -> bool:
        """Run all in one transaction; return False when that failed, and nothing is stored."""
        try:
            results = self._transact(lambda connection: [w.work(connection) for w in writes])
        except Exception:  # noqa: BLE001 - whatever it is, it is raised to its owner in a moment
            return False
        for write, result in zip(writes, results, strict=True):
            write.result = result
        return True


class _Write(Generic[T]):
    """One write, and what became of it."""

    result: T

    def __init__(self, work: Callable[[sa.Connection], T]) -> None:
        self.work = work
        self.is_wanted = True
        self._error: BaseException | None = None

    def run(self, transact: Callable[[Callable[[sa.Connection], T]], T]) -> None:
        """Run it in a transaction of its own."""
        try:
            self.result = transact(self.work)
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            self._error = error

    def outcome(self) -> T:
        """Return the result, or raise the error."""
        if self._error is not None:
            raise self._error
        return self.result
