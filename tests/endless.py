"""Somebody who answers without end."""

import contextlib
import socket
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def endless(head: str, begins: bytes = b"", piece: bytes = b" " * 10) -> Iterator[str]:
    """Serve an answer that never ends, with a piece every few moments; yield its address."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(f"HTTP/1.1 {head}\r\n\r\n".encode() + begins)
            while not over.wait(0.02):
                connection.sendall(piece)

    serving = threading.Thread(target=serve)
    serving.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        serving.join()
        listener.close()
