"""HTTP from the gateway to webhooks' receivers: to hosts that are allowed, and no further."""

import asyncio
import ssl
from collections.abc import Collection, Mapping
from functools import cache
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from contract.errors import WebhookHost
from gateway.http.connections import Connections, Limits, NoConnection, NotHttp, Origin, Unanswered

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 1.0
"""From one event of a batch to the next: few receivers close a connection so soon."""
MOST_ANSWER_BYTES = 64_000
"""Before whatever else a receiver says is cut off; its status alone is read."""


class DeliveryFailed(Exception):
    """The receiver did not confirm; the text is short and says why."""


class WebhookClient:
    """Posts events. `async with` closes its connections at the end."""

    def __init__(self, allowed: Collection[str]) -> None:
        """Send to the hosts `allowed` alone, each `host` or `host:port`."""
        self._allowed = {host.lower() for host in allowed}
        limits = Limits(CONNECT_SECONDS, KEEP_ALIVE_SECONDS, MOST_ANSWER_BYTES, head_alone=True)
        self._connections = Connections(limits, cache(_tls) if self._allowed else None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connections.close()

    def require_allowed(self, url: str) -> None:
        """Raise WebhookHost unless `url` is of a host that ops allow."""
        origin, has_user = _origin(url), urlsplit(url).username is not None
        shown = f"[{origin.host}]" if ":" in origin.host else origin.host
        if has_user or not {shown, f"{shown}:{origin.port}"} & self._allowed:
            raise WebhookHost(f"{shown}:{origin.port} is not in FACEGATE_WEBHOOK_HOSTS")

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Send `body`; return when the receiver has confirmed. Raises DeliveryFailed."""
        try:
            self.require_allowed(url)
        except WebhookHost as error:
            raise DeliveryFailed(error.detail) from error
        status = await self._posted(url, body, headers)
        if not 200 <= status < 300:
            raise DeliveryFailed(f"HTTP {status}")

    async def _posted(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send `body` to an allowed host and return the status of the answer."""
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                answer = await self._connections.ask(
                    _origin(url), "POST", _target(url), headers, body
                )
        except TimeoutError as error:
            raise DeliveryFailed("no answer in time") from error
        except NoConnection as error:
            raise DeliveryFailed("no connection") from error
        except (Unanswered, NotHttp) as error:
            raise DeliveryFailed("no HTTP answer") from error
        return answer.status


def _origin(url: str) -> Origin:
    place = urlsplit(url)
    is_secure = place.scheme == "https"
    host = (place.hostname or "").lower()
    return Origin(host, place.port or (443 if is_secure else 80), is_secure)


def _target(url: str) -> str:
    """Return the path and query of `url`."""
    place = urlsplit(url)
    return f"{place.path or '/'}?{place.query}" if place.query else place.path or "/"


def _tls() -> ssl.SSLContext:
    """Return TLS as it is usual, but for the one thing that lets a receiver go on for ever."""
    context = ssl.create_default_context()
    context.options |= ssl.OP_NO_RENEGOTIATION
    return context
