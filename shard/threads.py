"""Threads for what would block the event loop: one owns a store's record, two search.

Those that search, read files or compute for long are shared by the stores of a process, each of
which has a bounded queue of its own: they take turns.
"""

import threading
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from contract.deadline import Deadline
from contract.errors import NotReady
from service.bounded_threads import BoundedThreads
from shard.joint_looks import JointLooks

P = ParamSpec("P")
T = TypeVar("T")

SEARCH_THREADS = 2
"""Searches that run at once: each takes a core."""


class SharedThreads:
    """The pools of a process."""

    def __init__(self) -> None:
        self.search = BoundedThreads(SEARCH_THREADS, "search")
        self.files = BoundedThreads(2, "files")
        self.long = BoundedThreads(1, "long")
        self.looks = JointLooks(self.files.with_own_queue())

    def close(self) -> None:
        """End the threads, after what they are doing; call it when no store uses them any more."""
        for pool in (self.long, self.files, self.search):
            pool.close()


class Threads:
    """One store's: pools whose queues are bounded and whose calls have deadlines."""

    def __init__(self, shared: SharedThreads) -> None:
        self._record = BoundedThreads(1, "record")
        self._search = shared.search.with_own_queue()
        self._files = shared.files.with_own_queue()
        self._long = shared.long.with_own_queue()
        self._looks = shared.looks
        self._closing = threading.Event()

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

    def search_idly(self, call: Callable[[], None]) -> None:
        """Run `call`, for which nobody waits, beside searches; not while there are several."""
        self._search.run_idly(call)

    async def files(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `call`, which reads files of the store's folder."""
        return await self._files.run(None, lambda: call(*args, **kwargs))

    async def look(self, call: Callable[[], None]) -> None:
        """Run `call`, which is short and comes again and again, with those of other stores.

        Raises Busy.
        """
        await self._looks.look(call)

    async def long(self, deadline: Deadline | None, call: Callable[[Callable[[], None]], T]) -> T:
        """Run `call`, which computes for seconds, beside all else.

        It is given what to call between its pieces. Raises Busy and DeadlineExceeded, and NotReady
        when the threads end meanwhile.
        """
        return await self._long.run(deadline, lambda: call(_Rest(self._closing)))

    def check_open(self) -> None:
        """Raise NotReady when the threads end: for long work that does not rest."""
        if self._closing.is_set():
            raise NotReady(_STOPPING)

    def stop_long(self) -> None:
        """Have what takes long end at its next rest."""
        self._closing.set()

    def close(self) -> None:
        """End the store's own thread, after what it is doing; what takes long is not finished."""
        self.stop_long()
        self._record.close()


_STOPPING = "the shard is stopping"
_RESTS = 9.0
"""How long to rest after a piece of long work, times what it has computed: a tenth of a core."""


class _Rest:
    """Between two pieces of long work: leaves the core, and Python, to others for longer."""

    def __init__(self, closing: threading.Event) -> None:
        self._closing = closing
        self._since = time.thread_time()

    def __call__(self) -> None:
        """Rest for as long as the piece is worth. Raises NotReady when the threads end."""
        if self._closing.wait(_RESTS * (time.thread_time() - self._since)):
            raise NotReady(_STOPPING)
        self._since = time.thread_time()
