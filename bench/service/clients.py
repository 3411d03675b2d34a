"""Cameras: each posts one picture after the other on a connection of its own."""

import http.client
import itertools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

TIMEOUT = 60.0


@dataclass(frozen=True)
class Endpoint:
    """Where pictures are posted, and what says that an answer is the expected one."""

    port: int
    path: str
    expected: Callable[[bytes], bool]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answered:
    """How quickly pictures were answered; times in milliseconds."""

    a_second: float
    p50: float
    p99: float
    seconds: float
    unexpected: int
    """Answers that were whole, and not the expected one."""


def post(service: Endpoint, pictures: Sequence[bytes], clients: int, count: int) -> Answered:
    """Post `count` pictures, as many at once as there are `clients`."""
    times: list[float] = []
    unexpected: list[int] = []
    turns = iter(range(count))
    lock = threading.Lock()

    def camera(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=TIMEOUT)
        mine = itertools.islice(itertools.cycle(pictures), number, None)
        for picture in mine:
            with lock:
                if next(turns, None) is None:
                    break
            started = time.perf_counter()
            answer = _answer(connection, service, number, picture)
            times.append((time.perf_counter() - started) * 1000)
            if not service.expected(answer):
                unexpected.append(number)
        connection.close()

    threads = [threading.Thread(target=camera, args=(number,)) for number in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    if len(times) < count:
        raise RuntimeError(f"{count - len(times)} of {count} pictures were not answered")
    p50, p99 = (float(value) for value in np.percentile(times, [50, 99]))
    return Answered(count / seconds, p50, p99, seconds, len(unexpected))


def _answer(
    connection: http.client.HTTPConnection, service: Endpoint, camera: int, picture: bytes
) -> bytes:
    path = service.path.format(camera=camera)
    connection.request("POST", path, picture, {"Content-Type": "image/jpeg", **service.headers})
    response = connection.getresponse()
    raw = response.read()
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status} {raw[:300]!r}")
    return raw
