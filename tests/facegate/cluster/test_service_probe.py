"""Who holds an address: a service of facegate that may be about to end, or another program."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from contract.stores.address import Address
from facegate.cluster.service_probe import is_service


class Answering(BaseHTTPRequestHandler):
    """Answers every request with what its server was given."""

    server: "Server"

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass


class Server(HTTPServer):
    body = b""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b'{"status":"ok"}', True), (b"<html>", False), (b"[1]", False), (b"", False)],
)
def test_a_service_is_known_by_its_answer(server: Server, body: bytes, expected: bool) -> None:
    server.body = body

    assert is_service(Address("127.0.0.1", server.server_port)) is expected


def test_nobody_is_no_service() -> None:
    assert not is_service(Address("127.0.0.1", 9))
