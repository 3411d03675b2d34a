"""A webhook's receiver on a real socket, with faults on demand."""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Receiver:
    """Keeps what it has confirmed. `faults` are used up, one a request, before it confirms."""

    secret: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    faults: list[Behaviour] = field(default_factory=list)
    port: int = 0
    wrong: list[str] = field(default_factory=list)
    _runner: web.AppRunner | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/hook"

    @property
    def seqs(self) -> list[int]:
        return [event["seq"] for event in self.got]

    async def start(self) -> None:
        app = web.Application()
        app.add_routes([web.post("/hook", self._receive), web.get("/hook", self._receive)])
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        body = await request.read()
        if self.secret and not self._is_signed(request, body):
            self.wrong.append(request.headers.get("Facegate-Signature", "none"))
            return web.Response(status=401)
        if self.faults:
            return await self.faults.pop(0)(request)
        self.got.append(await request.json())
        return web.Response(status=204)

    def _is_signed(self, request: web.Request, body: bytes) -> bool:
        """Do what docs/live.md tells a receiver to do."""
        signed = request.headers["Facegate-Timestamp"].encode() + b"." + body
        expected = "v1=" + hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, request.headers["Facegate-Signature"])


def answers(status: int, **headers: str) -> Behaviour:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers=headers)

    return answer


async def hangs(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


async def hangs_up(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()
