"""A webhook's receiver on a real socket, with faults on demand."""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Receiver:
    """Keeps what it has confirmed. `faults` are used up, one a request, before it confirms."""

    secret: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    faults: list[Behaviour] = field(default_factory=list)
    port: int = 0
    requests: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
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

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for _, headers in self.requests]

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
        if self.secret:
            try:
                self._verify(request, body)
            except WebhookVerificationError as error:
                self.wrong.append(str(error))
                return web.Response(status=401)
        self.requests.append((body, dict(request.headers)))
        if self.faults:
            return await self.faults.pop(0)(request)
        self.got.append(await request.json())
        return web.Response(status=204)

    def _verify(self, request: web.Request, body: bytes) -> None:
        """Look at the signature as those of today's and of the former form do."""
        is_standard = self.secret.startswith("whsec_") and " " not in self.secret
        Webhook(self.secret if is_standard else self.secret.encode()).verify(
            body, dict(request.headers)
        )
        signed = request.headers["Facegate-Timestamp"].encode() + b"." + body
        expected = "v1=" + hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, request.headers["Facegate-Signature"]):
            raise WebhookVerificationError("the former signature is another one")


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
