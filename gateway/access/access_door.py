"""The door that every request to the gateway goes through, before anything is done for it."""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contract.errors import (
    FacegateError,
    KeyRefused,
    KeyRequired,
    NotForRole,
    NotForStore,
    TooManyFailedKeys,
    Unauthorized,
)
from gateway.access.failed_keys import FailedKeys
from gateway.access.keys import Keys
from gateway.access.presented_key import presented_key
from gateway.access.request_rates import RequestRates
from gateway.access.route_roles import FoundRoute, Need, RouteNeeds
from gateway.http.caller import ANYBODY, Caller
from gateway.metrics import KeyRefusal
from service.http.problems import Show, refusal
from service.http.request_scope import LOGGED

_CHALLENGE = 'Bearer realm="facegate", Basic realm="facegate", charset="UTF-8"'
REFUSALS: Mapping[type[FacegateError], KeyRefusal] = {
    KeyRequired: "no_key",
    KeyRefused: "not_valid",
    NotForRole: "role",
    NotForStore: "store",
    TooManyFailedKeys: "too_many",
}
"""What somebody is answered who is not let in, and how the metrics call it."""


class _KeyEnded(OSError):
    """Ends a stream as a disconnect would: its key is not valid any more."""


class AccessDoor:
    """ASGI middleware: lets in who has a key for what they ask.

    `required`: whether keys are asked for. Without, all may do all, but for what keys need always.
    `rates` say how often.
    `refused` is told why somebody was not let in; `show` has the last word on the answer.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        keys: Keys,
        needs: RouteNeeds,
        required: bool,
        rates: RequestRates,
        refused: Callable[[KeyRefusal], None],
        show: Show,
    ) -> None:
        self.app = app
        self._keys = keys
        self._needs = needs
        self._required = required
        self._rates = rates
        self._refused = refused
        self._show = show
        self._failed = FailedKeys()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        given = presented_key(scope)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        found = self._needs.find(scope["method"], path)
        try:
            caller = self._admitted(scope, found, given)
            self._count(scope, found, caller)
        except FacegateError as error:
            response = self._refusal(scope, found, error)
            return await response(scope, receive, send)
        caller.remember(scope)
        if caller.key_id is None or scope["method"] == "POST":
            return await self.app(scope, receive, send)
        return await self._answer(caller.key_id, scope, receive, send)

    def _admitted(self, scope: Scope, found: FoundRoute, given: str | None) -> Caller:
        """Return who asks. Raises Unauthorized, NotAllowed and TooManyFailedKeys."""
        need = found.need
        if need.roles is None or not (self._required or need.always):
            return ANYBODY
        if given is None:
            raise KeyRequired("send it as `Authorization: Bearer fg_…`, or as a password")
        try:
            key = self._keys.valid(given)
        except KeyRefused:
            self._failed.note(_address(scope))
            raise
        scope[LOGGED] = {"key": key.id}
        if key.role not in need.roles:
            roles = ", ".join(sorted(need.roles))
            raise NotForRole(f"this needs the role {roles}; the key {key.id} is of {key.role}")
        if key.stores is not None:
            _require_stores(need, _asked_for(scope, found), key.stores)
        return Caller(key.id, key.role, key.stores, key.names)

    def _count(self, scope: Scope, found: FoundRoute, caller: Caller) -> None:
        """Count a request of whoever sends it. Raises TooManyRequests."""
        if found.need.roles is not None and isinstance(found.route, Route):
            method = "GET" if scope["method"] == "HEAD" else scope["method"]
            self._rates.take(caller.key_id or _address(scope), f"{method} {found.route.path}")

    def _refusal(self, scope: Scope, found: FoundRoute, error: FacegateError) -> Response:
        """Return what is answered to a request that is not let in."""
        if (reason := REFUSALS.get(type(error))) is not None:
            self._refused(reason)
        if found.route is not None:
            scope["route"] = found.route  # for the log, the metrics, and who shows errors
        response = refusal(error)
        if isinstance(error, Unauthorized):
            response.headers["WWW-Authenticate"] = _CHALLENGE
        return self._show(Request(scope), response)

    async def _answer(self, key_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for as long as the key is valid: a feed may go on for days."""
        ended = False

        async def send_while_valid(message: Message) -> None:
            nonlocal ended
            if message.get("more_body") and not self._keys.is_valid(key_id):
                if not ended:
                    ended = True
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise _KeyEnded
            await send(message)

        try:
            await self.app(scope, receive, send_while_valid)
        except (_KeyEnded, ClientDisconnect):
            if not ended:
                raise


def _address(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else ""


def _asked_for(scope: Scope, found: FoundRoute) -> list[str]:
    """Return the stores that a request is about, as far as its route says where."""
    if found.store is not None:
        return [found.store]
    if found.need.stores == "query":
        query = scope["query_string"].decode("latin-1")
        return parse_qs(query, keep_blank_values=True).get("store", [])
    return []


def _require_stores(need: Need, asked: list[str], allowed: frozenset[str]) -> None:
    """Raise NotForStore unless all that is asked for is of stores that are allowed."""
    own = ", ".join(sorted(allowed))
    if need.stores == "chain":
        raise NotForStore(f"this is about the whole chain; the key is for {own}")
    if need.stores == "query" and not asked:
        raise NotForStore(f"say which `store` in the query; the key is for {own}")
    if not allowed.issuperset(asked):
        raise NotForStore(f"the key is for {own}")
