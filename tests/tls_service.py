"""A service with TLS and a certificate of its own, in this process."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry
from starlette.responses import Response

from service.http.door import Patience
from service.http.guarded_connection import PEER_CERTIFICATE
from service.http.request_metrics import RequestMetrics
from service.http.routes import Routes
from service.http.server import serve, server_config
from service.http.service_api import ServiceApi
from service.settings import ServiceSettings
from service.tls.role import is_gateway
from tests.certificates import TestAuthority, trusting
from tests.gateway.fake_chain import until

LONG = 60.0
SOME = 40_000
"""Bytes of an answer that are encrypted at once, and more than the kernel takes."""


class Served:
    """A service with TLS."""

    def __init__(self, app: ServiceApi, authority: TestAuthority, registry: CollectorRegistry):
        self.app = app
        self.authority = authority
        self.port = 0
        self._registry = registry

    def met(self, limit: str) -> float:
        """Return how often a limit was met."""
        labels = {"limit": limit}
        return self._registry.get_sample_value("test_connection_limits_total", labels) or 0

    @property
    def expires_at(self) -> float:
        """When the certificate in force ends, as the metrics have it."""
        name = "test_certificate_expires_timestamp_seconds"
        return self._registry.get_sample_value(name, {"use": "cluster"}) or 0

    async def raw(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, own: Path | None = None, path: str = "/who", body: bytes = b"") -> bytes:
        """Return the body of an answer, all of which is sent as one."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, ssl=trusting(self.authority, own)
        )
        head = f"POST {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.read()
        writer.close()
        if not answer:  # asyncio sends no alert when it ends a handshake
            raise ConnectionResetError
        assert answer.startswith(b"HTTP/1.1 200"), answer
        return answer.partition(b"\r\n\r\n")[2]


class _ServerOf(uvicorn.Server):
    """Listens on a socket that is there."""

    def __init__(self, listener: socket.socket, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._listener = listener

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        await super().serve([self._listener])


def _routes() -> Routes:
    routes = Routes()

    @routes.get("/healthz")
    async def get_health() -> dict[str, str]:
        return {"status": "ok"}

    @routes.post("/who")
    async def post_who(request: Request) -> dict[str, bool]:
        return {"gateway": is_gateway(request.scope["state"][PEER_CERTIFICATE])}

    @routes.get("/some")
    async def get_some() -> Response:
        return Response(bytes(SOME))

    @routes.post("/length")
    async def post_length(request: Request) -> int:
        return len(await request.body())

    return routes


@asynccontextmanager
async def served(
    folder: Path, patience: Patience | None = None, most: int = 1000, keep_alive: int = 5
) -> AsyncIterator[Served]:
    registry, authority = CollectorRegistry(), TestAuthority(folder)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield

    app = ServiceApi(title="test", description="", lifespan=lifespan, usual=[])
    app.serve(_routes())
    metrics = RequestMetrics(registry, "test", [1])
    app.guard(ServiceSettings(max_connections=most), metrics)
    app.door.patience = patience or Patience(head=LONG, body=LONG, answer=LONG)
    app.tls = authority.own("shard", "shard")
    app.show_certificate("cluster", app.tls, metrics)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # of its connections, too
    listener.bind(("127.0.0.1", 0))
    server = _ServerOf(listener, server_config(app, "127.0.0.1", 0, keep_alive_seconds=keep_alive))
    api = Served(app, authority, registry)
    api.port = listener.getsockname()[1]
    serving = asyncio.create_task(serve(app, server))
    await until(lambda: server.started or serving.done())
    try:
        yield api
    finally:
        server.should_exit = True
        await serving
