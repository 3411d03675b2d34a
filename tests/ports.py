"""Ports for servers that a test starts, stops and starts again."""

import contextlib
import itertools
import os
import random
import socket

_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_FIRST = 20_000 + _WORKER % 12 * 1_000
"""Each worker of pytest-xdist has a thousand of its own, below those of outgoing connections."""
_PORTS = itertools.cycle(random.sample(range(_FIRST, _FIRST + 1_000), 1_000))


def free_port() -> int:
    """Return a port of loopback that nobody listens on now, and that was not given out lately."""
    for port in _PORTS:
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise AssertionError("the ports do not end")
