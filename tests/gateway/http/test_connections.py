"""Asking over TLS: who is trusted, and who is not."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.http.connections import Connections, Limits, NoConnection, Origin

LIMITS = Limits(connect_seconds=30, keep_alive_seconds=30, answer_bytes=1000, head_alone=True)
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.fixture
def certificate(tmp_path: Path, processes: None) -> Path:
    """A certificate of localhost that signs itself, with its key in the same file."""
    file = tmp_path / "localhost.pem"
    name = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *name)
    subprocess.run(
        [*made, "-keyout", file, "-out", tmp_path / "certificate"], check=True, capture_output=True
    )
    file.write_bytes(file.read_bytes() + (tmp_path / "certificate").read_bytes())
    return file


@pytest.fixture
async def port(certificate: Path) -> AsyncIterator[int]:
    """Where somebody answers over TLS."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65536):
            writer.write(ANSWER)
        writer.close()

    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    server = await asyncio.start_server(answer, "localhost", 0, ssl=tls, family=2)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def ask(to: Origin, tls: ssl.SSLContext | None) -> list[int]:
    connections = Connections(LIMITS, None if tls is None else lambda: tls)
    try:
        return [(await connections.ask(to, "POST", "/", {}, b"{}")).status for _ in range(2)]
    finally:
        connections.close()
        await asyncio.sleep(0)


async def test_whose_certificate_is_trusted_is_asked(certificate: Path, port: int) -> None:
    tls = ssl.create_default_context(cafile=certificate)

    assert await ask(Origin("localhost", port, True), tls) == [204, 204]


@pytest.mark.parametrize("trusting", [True, False])
async def test_who_is_not_whom_the_certificate_names_is_not_asked(
    certificate: Path, port: int, trusting: bool
) -> None:
    tls = ssl.create_default_context(cafile=certificate if trusting else None)

    with pytest.raises(NoConnection):
        await ask(Origin("127.0.0.1" if trusting else "localhost", port, True), tls)


async def test_without_tls_nobody_is_asked_who_should_have_it(port: int) -> None:
    with pytest.raises(NoConnection):
        await ask(Origin("localhost", port, True), None)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        (Origin("erp.example", 80), "erp.example"),
        (Origin("erp.example", 443, True), "erp.example"),
        (Origin("erp.example", 443), "erp.example:443"),
        (Origin("::1", 8000), "[::1]:8000"),
    ],
)
def test_the_host_is_named_as_http_has_it(origin: Origin, host: str) -> None:
    assert str(origin) == host
