"""Ports for servers that a test starts, stops and starts again."""

import contextlib
import fcntl
import itertools
import random
import socket
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO

_FIRST, _LAST, _BLOCK = 20_000, 32_000, 500
"""Below the ports of outgoing connections."""
_held: list[IO[str]] = []
"""The lock files of this process: they are free again when it ends, however it ends."""


def free_port() -> int:
    """Return a port of loopback that nobody listens on now, and that was not given out lately."""
    for port in _ports():
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise AssertionError("the ports do not end")


@cache
def _ports() -> Iterator[int]:
    """Return ports of this process alone, round and round.

    Other processes of tests, of this run or of one beside it, have others: between a port being
    given out and a server listening on it, nobody takes it.
    """
    for first in range(_FIRST, _LAST, _BLOCK):
        path = Path(tempfile.gettempdir(), f"facegate-tests-{first}.lock")
        with contextlib.suppress(OSError):  # somebody has it
            lock = path.open("w", encoding="utf-8")
            _held.append(lock)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return itertools.cycle(random.sample(range(first, first + _BLOCK), _BLOCK))
    raise AssertionError("all blocks of ports are taken by other runs of the tests")
