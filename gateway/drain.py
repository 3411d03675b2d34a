"""Leaving without a client noticing: not ready first, then no new connections, then the end."""

import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Drain:
    """Whether this process is about to stop, and when it may."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._over_at: float | None = None

    def begin(self) -> None:
        """Start to drain; once begun it goes on."""
        if self._over_at is None:
            self._over_at = time.monotonic() + self._seconds

    @property
    def begun(self) -> bool:
        """True from the first signal to stop."""
        return self._over_at is not None

    @property
    def over(self) -> bool:
        """True when load balancers have had their time to look elsewhere."""
        return self._over_at is not None and time.monotonic() >= self._over_at


class CloseWhenDraining:
    """ASGI middleware that asks clients to let go of their connections while draining."""

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self.app = app
        self.drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_close(message: Message) -> None:
            if message["type"] == "http.response.start" and self.drain.begun:
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self.app(scope, receive, send_and_close)
