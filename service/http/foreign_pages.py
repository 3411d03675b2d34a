"""Web pages of other sites, which a browser may have ask a service in the name of who sees them.

A form or a script of any site can post to an address of this network. Browsers say where a request
comes from: by `Sec-Fetch-Site` where the service is reached by HTTPS or on the same machine, by
`Origin` otherwise. See W3C "Fetch Metadata Request Headers", and "Resource isolation policy".
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from contract.errors import ForeignPage
from service.http.problems import Show, refusal

_OWN = {"same-origin", "none"}
"""`Sec-Fetch-Site` of our own pages, and of what somebody typed or opened from a bookmark."""
READING = {"GET", "HEAD"}
"""Methods that change nothing."""


def is_own_page(headers: Headers, names: Collection[str]) -> bool:
    """Say whether a browser tells by its headers that a page of this service asks, or nobody's.

    `names` are hosts under which the service is known where a proxy passes on another one.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if site is not None:
        return site in _OWN
    parts = urlsplit(origin or "")
    return parts.netloc != "" and (
        parts.netloc.lower() == headers.get("host", "").lower() or parts.hostname in names
    )


class ForeignPages:
    """ASGI middleware that answers 403 to requests of other sites' pages.

    A link that somebody follows to a page of ours is none. `origins` may ask everything (CORS);
    `*` lets every site do so. `names` are hosts under which the service is known where a proxy
    passes on another one.
    """

    def __init__(
        self, app: ASGIApp, origins: Collection[str], names: Collection[str], show: Show
    ) -> None:
        self.app = app
        self._origins = frozenset(origins)
        self._names = frozenset(names)
        self._show = show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._is_foreign(scope):
            await self.app(scope, receive, send)
            return
        error = ForeignPage("a web page of another site asks; FACEGATE_CORS_ORIGINS lists who may")
        await self._show(Request(scope), refusal(error))(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        if not any(name in {b"origin", b"sec-fetch-site"} for name, _ in scope["headers"]):
            return False  # no browser
        headers = Headers(scope=scope)
        if not self._origins.isdisjoint({headers.get("origin"), "*"}):
            return False
        if is_own_page(headers, self._names):
            return False
        follows_link = scope["method"] in READING and headers.get("sec-fetch-mode") == "navigate"
        return not follows_link or headers.get("sec-fetch-dest", "document") != "document"
