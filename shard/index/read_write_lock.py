"""A lock that many readers hold at once, or one writer alone."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Reading = Callable[[], AbstractContextManager[None]]
"""What a search holds while it looks at a piece of an index, so that no change goes on there."""


class ReadWriteLock:
    """A writer that waits holds back new readers, so that constant reading cannot starve it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._readers = 0
        self._writing = False
        self._writers_waiting = 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold the lock together with other readers. Not reentrant."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._writing or self._writers_waiting))
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock alone."""
        with self._changed:
            self._writers_waiting += 1
            self._changed.wait_for(lambda: not (self._writing or self._readers))
            self._writers_waiting -= 1
            self._writing = True
        try:
            yield
        finally:
            with self._changed:
                self._writing = False
                self._changed.notify_all()
