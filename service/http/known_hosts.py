"""The names under which a service may be asked for.

A page of any site can have its own name point to a service of this network (DNS rebinding): to the
browser both are one site then, and the page may read and write all there is. Only the header
`Host` tells, which names the site that the browser believes to ask.
"""

import re
import socket
from collections.abc import Collection
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from contract.errors import UnknownHost
from service.http.problems import Show, refusal
from service.http.request_scope import HEALTH

_LOCAL = ("localhost", "local", "svc", "lan", "internal", "home.arpa")
"""Domains that nobody can register: RFC 6761, 6762, 8375, those that ICANN keeps for networks of
one's own, and that of services in Kubernetes."""
_NAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


def host_names(text: str) -> list[str]:
    """Return the names in `text`, separated by commas, in small letters. Raises ValueError.

    `*.example.com` are all names below `example.com`; `*` is any name.
    """
    names = [name.strip().lower().rstrip(".") for name in text.split(",") if name.strip()]
    for name in names:
        if name != "*" and not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a host name such as facegate.example.com")
    return names


class KnownHosts:
    """ASGI middleware that answers 421 to what is asked for under a name that is not known.

    Known are the `names` of `host_names`, this machine's own, and whatever no site of the internet
    can be called: addresses, names without a dot, and names of networks of one's own.
    """

    def __init__(self, app: ASGIApp, names: Collection[str], show: Show) -> None:
        self.app = app
        self._show = show
        self._any = "*" in names
        self._names = {name for name in names if "*" not in name} | {socket.gethostname().lower()}
        below = [*_LOCAL, *(name.removeprefix("*.") for name in names if name.startswith("*."))]
        self._below = tuple(f".{name}" for name in below)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_known(scope):
            await self.app(scope, receive, send)
            return
        name = Headers(scope=scope)["host"]
        error = UnknownHost(
            f"{name[:100]!r} is not a name of this service; FACEGATE_HOSTS lists those that are"
        )
        await self._show(Request(scope), refusal(error))(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        name = _without_port(host.decode("latin-1")).lower().rstrip(".")
        return (
            self._any
            or "." not in name  # an IPv6 address, a name without a dot, or none at all
            or name in self._names
            or (name.endswith(self._below) and _NAME.fullmatch(name) is not None)
            or _is_address(name)
            or scope["path"].removeprefix(scope.get("root_path", ""))
            in HEALTH  # asked for by any name
        )


def _without_port(host: str) -> str:
    return host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]


def _is_address(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
