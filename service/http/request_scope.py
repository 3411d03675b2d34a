"""ASGI middleware around every request: its id, its access log line, its limits on the body.

Starlette calls a handler for `Exception` outside of all middleware, where the request's id is no
longer known; so the last resort for unexpected errors is here.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contract.errors import BodyTooLarge, SlowBody
from service import request_id
from service.http.problems import Show, problem, unchanged

log = logging.getLogger("access")

Observe = Callable[[str, str, int, float], None]
"""Called after each request with method, route, status and seconds."""

LOGGED = "facegate.logged"
"""Where the scope of a request has further fields for its line in the log, if there are any."""
HEALTH = ("/healthz", "/readyz")
"""Routes that say nothing about anybody: process managers and load balancers ask them."""
PROBES = (*HEALTH, "/metrics", "/status", "/statuses")
"""Routes that machines call every second: logged at DEBUG."""
_FAN_OUT = {"/search"}
"""Routes of shards that one request to the gateway calls in every store. The gateway logs the
request; where they succeed, a line in each shard adds nothing. Logged at DEBUG."""

_USUAL_HEADERS = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))
"""Answers are about people: nobody on the way keeps them, and no browser takes them for a page."""


class RequestScope:
    """Give each request its id, log it when it ends, and tell `observe` about it.

    An error that nobody expected is answered as `show` has it.
    """

    def __init__(self, app: ASGIApp, observe: Observe, show: Show = unchanged) -> None:
        self.app = app
        self.observe = observe
        self.show = show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        identifier = request_id.accept_or_make(Headers(scope=scope).get(request_id.HEADER))
        token = request_id.current.set(identifier)
        started = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[request_id.HEADER] = identifier
                for name, value in _USUAL_HEADERS:
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception:  # the last resort: whatever a route did not expect
            log.exception("unexpected error")
            if status:
                raise
            text = "unexpected; the log has this request_id"
            response = problem(500, "INTERNAL", "Internal error", text)
            answer = self.show(Request(scope), response)
            await answer(scope, receive, send_with_id)
        finally:
            self._ended(scope, status, time.perf_counter() - started)
            request_id.current.reset(token)

    def _ended(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        self.observe(scope["method"], route, status, seconds)
        quiet = route in PROBES or (route in _FAN_OUT and status == 200)
        level = logging.DEBUG if quiet else logging.INFO
        log.log(
            level,
            "%s %s %d",
            scope["method"],
            scope["path"],
            status,
            extra={
                "status": status,
                "route": route,
                "ms": round(seconds * 1000, 1),
                **scope.get(LOGGED, {}),
            },
        )


class BodyLimits:
    """Refuse a body that is larger than `max_bytes` or takes longer than `seconds` to arrive.

    Nothing past the limit is kept: uvicorn itself has neither limit.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, seconds: float) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        too_large = announced.isdigit() and int(announced) > self.max_bytes
        deadline = asyncio.get_running_loop().time() + self.seconds
        received = 0
        complete = False

        async def receive_within_limits() -> Message:
            nonlocal received, complete
            if complete:
                return await receive()
            if too_large:
                raise BodyTooLarge(f"{announced} bytes announced; at most {self.max_bytes}")
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise SlowBody(f"the body was not complete after {self.seconds:g} s") from None
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > self.max_bytes:
                raise BodyTooLarge(f"more than {self.max_bytes} bytes")
            return message

        await self.app(scope, receive_within_limits, send)
