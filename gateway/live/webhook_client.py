"""HTTP from the gateway to webhooks' receivers: to hosts that are allowed, and no further."""

from collections.abc import Collection, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from contract.errors import WebhookHost

if TYPE_CHECKING:
    import aiohttp

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
MOST_HEADERS = 16_000


class DeliveryFailed(Exception):
    """The receiver did not confirm; the text is short and says why."""


class WebhookClient:
    """Posts events. `async with` opens and closes its connections.

    Where no host is allowed, there are none, and aiohttp is not loaded: that takes a gateway a
    seventh of its start.
    """

    _session: "aiohttp.ClientSession | None" = None

    def __init__(self, allowed: Collection[str]) -> None:
        """Send to the hosts `allowed` alone, each `host` or `host:port`."""
        self._allowed = {host.lower() for host in allowed}

    async def __aenter__(self) -> Self:
        if self._allowed:
            self._session = _session()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    def require_allowed(self, url: str) -> None:
        """Raise WebhookHost unless `url` is of a host that ops allow."""
        place = urlsplit(url)
        host = (place.hostname or "").lower()
        shown = f"[{host}]" if ":" in host else host
        port = place.port or (443 if place.scheme == "https" else 80)
        if place.username is not None or not {shown, f"{shown}:{port}"} & self._allowed:
            raise WebhookHost(f"{shown}:{port} is not in FACEGATE_WEBHOOK_HOSTS")

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
        import aiohttp

        assert self._session is not None, "a host is allowed"
        try:
            async with self._session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                answer.close()  # what else it says is nothing to us
                return answer.status
        except TimeoutError as error:
            raise DeliveryFailed("no answer in time") from error
        except aiohttp.ClientConnectorError as error:
            raise DeliveryFailed("no connection") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise DeliveryFailed("no HTTP answer") from error


def _session() -> "aiohttp.ClientSession":
    import aiohttp

    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=aiohttp.TCPConnector(limit=64, limit_per_host=16),
        auto_decompress=False,
        max_field_size=MOST_HEADERS,
    )
