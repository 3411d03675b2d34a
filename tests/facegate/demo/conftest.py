import contextlib
import socket
from collections.abc import Iterator

import pytest

from facegate.demo.addresses import USUAL_GATEWAY, USUAL_SHARD


@pytest.fixture
def usual_ports_taken() -> Iterator[None]:
    """Keep the usual ports from a demo: two that start at once would take the same ones.

    Several tests may keep them at once, each until its own demo has ended.
    """
    with contextlib.ExitStack() as stack:
        for port in (USUAL_GATEWAY, *range(USUAL_SHARD, USUAL_SHARD + 3)):
            listener = stack.enter_context(socket.socket())
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            with contextlib.suppress(OSError):  # another program has it: the demo does without, too
                listener.bind(("127.0.0.1", port))
                listener.listen()
        yield
