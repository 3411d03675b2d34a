"""Clients that search one vector after the other, each on a thread of its own."""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from contract.vectors import Vector

Ask = Callable[[Vector], str | None]
"""Searches a unit vector, and returns the name of whom it is most like."""


@dataclass(frozen=True)
class Searched:
    """How quickly searches were answered, and with whom; times in milliseconds."""

    a_second: float
    p50: float
    p99: float
    found: tuple[str | None, ...]
    """Of each probe, in their order."""


def search(
    connect: Callable[[], Ask], probes: Sequence[Vector], clients: int, seconds: float
) -> Searched:
    """Search all `probes` again and again for so long, as many at once as there are `clients`.

    Each is searched once at least. `connect` is called once on each client's thread.
    """
    found: dict[int, str | None] = {}
    times: list[float] = []
    turn = iter(range(10**9))
    lock, ready = threading.Lock(), threading.Barrier(clients + 1)
    failures: list[BaseException] = []
    deadline = 0.0

    def client() -> None:
        try:
            ask = connect()
            ask(probes[0])
            ready.wait()
            while True:
                with lock:
                    number = next(turn)
                if number >= len(probes) and time.perf_counter() > deadline:
                    return
                started = time.perf_counter()
                who = ask(probes[number % len(probes)])
                times.append((time.perf_counter() - started) * 1000)
                found.setdefault(number % len(probes), who)
        except BaseException as error:  # noqa: BLE001 - raised by whoever waits for the clients
            failures.append(error)
            ready.abort()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    with contextlib.suppress(threading.BrokenBarrierError):
        ready.wait()
    started = time.perf_counter()
    deadline = started + seconds
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    taken = time.perf_counter() - started
    p50, p99 = (float(value) for value in np.percentile(times, [50, 99]))
    answers = tuple(found[number] for number in range(len(probes)))
    return Searched(len(times) / taken, p50, p99, answers)


def milliseconds(work: Callable[[], None]) -> float:
    """Return how long something takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
