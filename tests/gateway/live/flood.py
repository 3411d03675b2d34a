"""A webhook's receiver that goes on and on."""

import asyncio
import itertools
import socket
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress

FLOOD = 100_000_000
"""Bytes after which it gives up: more than all buffers on the way hold."""


class Flood:
    """Answers the first request on a thread of its own, so that the client's loop is the client's.

    `sent` is how many bytes it got rid of before it was cut off.
    """

    def __init__(self, head: bytes, more: Iterable[bytes]) -> None:
        self._head, self._more = head, more
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.sent = 0
        self._thread = threading.Thread(target=self._serve)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Flood"]:
        self._thread.start()
        try:
            yield self
        finally:
            await asyncio.to_thread(self._thread.join)
            self._listener.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(self._head)
            for piece in self._more:
                connection.sendall(piece)
                self.sent += len(piece)
                if self.sent > FLOOD:
                    break


def without_end(piece: bytes) -> Iterator[bytes]:
    return itertools.repeat(piece * (65536 // len(piece) + 1))
