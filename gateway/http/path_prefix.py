"""The prefix of all paths where a proxy serves the gateway, such as `/facegate`."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

_SEGMENT = r"/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+"
OWN_PATHS = {
    *("audit", "cameras", "cluster", "docs", "keys", "members", "preferences", "privacy"),
    "sessions",
    *("sign-in", "sign-out", "static", "till", "traffic", "try"),
    *("healthz", "metrics", "openapi.json", "readyz", "v1"),
}
"""What the gateway's own paths begin with."""
_PREFIX = re.compile(rf"(?:{_SEGMENT})*")


def path_prefix(text: str) -> str:
    """Return the prefix `text` without a slash at its end; empty for none. Raises ValueError."""
    prefix = text.rstrip("/")
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("expected a path such as /facegate, of letters, digits and . _ ~ -")
    if prefix.partition("/")[2].partition("/")[0] in OWN_PATHS:
        # Where a proxy takes the prefix away, /till would be both the prefix and the page.
        raise ValueError("the gateway itself has such a path")
    return prefix


def below(prefix: str, path: str) -> str:
    """Return `path` without `prefix`, which the proxy may have taken away already."""
    return path[len(prefix) :] if f"{path}/".startswith(f"{prefix}/") else path


class PathPrefix:
    """ASGI middleware that tells the application its prefix, passed on by the proxy or not."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app = app
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = self.prefix + below(self.prefix, scope["path"])
            scope = {**scope, "root_path": self.prefix, "path": path}
        await self.app(scope, receive, send)
