"""The image's healthcheck, run as Docker runs it, against a server of its own."""

import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.certificates import TestAuthority

pytestmark = pytest.mark.processes

SCRIPT = Path(__file__).parents[2] / "deploy/healthcheck.py"


class OnlyAlive(BaseHTTPRequestHandler):
    """A service that is alive and not ready."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with served(None) as port:
        yield port


@contextmanager
def served(tls: ssl.SSLContext | None) -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), OnlyAlive) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def check(
    path: str, port: int, host: str = "127.0.0.1", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", SCRIPT, path],
        env={"FACEGATE_PORT": str(port), "FACEGATE_HOST": host, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_live_service_passes(port: int) -> None:
    assert check("/healthz", port).returncode == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "localhost"])
def test_a_service_is_asked_where_it_listens(port: int, host: str) -> None:
    assert check("/healthz", port, host).returncode == 0
    assert check("/healthz", port, "::").returncode == 1


def test_a_service_that_is_not_ready_fails_with_its_status(port: int) -> None:
    result = check("/readyz", port)

    assert (result.returncode, result.stderr) == (1, "/readyz: status 503\n")


def test_a_service_is_asked_by_tls_where_it_may_speak_it(port: int, tmp_path: Path) -> None:
    certificates = {"FACEGATE_CLUSTER_TLS": "certs/gateway"}
    with served(TestAuthority(tmp_path).own("shard", "shard").context) as secure:
        assert check("/healthz", secure, **certificates).returncode == 0
        assert check("/readyz", secure, **certificates).stderr == "/readyz: status 503\n"
        assert check("/healthz", secure).returncode == 1
    assert check("/healthz", port, **certificates).returncode == 0  # a gateway's own port


def test_nobody_listening_fails_with_the_reason() -> None:
    result = check("/healthz", 1)

    assert result.returncode == 1
    assert "ConnectionRefusedError" in result.stderr
