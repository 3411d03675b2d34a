"""A network between a client and a server on loopback that can be cut, and mended."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from tests.ports import free_port

_PIECE = 65536


class CutNetwork:
    """Passes connections on to a port. While it is cut, those that were open are gone."""

    def __init__(self, to_port: int) -> None:
        self.port = free_port()
        self.bytes = 0
        """That went towards the server."""
        self._to_port = to_port
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def mend(self) -> None:
        """Let connections through."""
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """End all connections, in the middle of whatever they carry, and take no new ones."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in `accept`
            self._listener.close()
            self._listener = None
        with self._lock:
            connections, self._open = self._open, set()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    @contextlib.contextmanager
    def working(self) -> Iterator["CutNetwork"]:
        self.mend()
        try:
            yield self
        finally:
            self.cut()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to_port), timeout=5)
                server.settimeout(None)
            except OSError:
                if listener.fileno() < 0:
                    return
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(_PIECE):
                other.sendall(piece)
                if other.getpeername()[1] == self._to_port:
                    self.bytes += len(piece)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
