"""A second thread for work that is large."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class HelperThread:
    """A thread that works beside the one that calls. It waits for work without spinning."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, "helper")

    def map(self, call: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Return what `call` returns of each item, in their order. Raises what it raises.

        Both threads take one item after the other; while the helper is at others, the calling
        thread does them all.
        """
        waiting = iter(enumerate(items))
        lock = threading.Lock()
        results: dict[int, R] = {}

        def work() -> None:
            while True:
                with lock:
                    taken = next(waiting, None)
                if taken is None:
                    return
                number, item = taken
                results[number] = call(item)

        helping = self._executor.submit(work)
        try:
            work()
        finally:
            if not helping.cancel():
                helping.result()
        return [results[number] for number in range(len(items))]
