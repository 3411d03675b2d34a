"""The door that every request to the gateway goes through, before anything is done for it."""

from collections.abc import Callable, Collection, Mapping
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contract.deadline import Deadline
from contract.errors import (
    FacegateError,
    ForeignPage,
    KeyRefused,
    KeyRequired,
    NotForRole,
    NotForStore,
    TooManyFailedKeys,
    Unauthorized,
)
from gateway.access.digest_authentication import Answer, DigestAuthentication, digest_answer
from gateway.access.failed_keys import FailedKeys
from gateway.access.keys import Keys
from gateway.access.presented_key import presented_key
from gateway.access.refusal_brake import RefusalBrake
from gateway.access.request_rates import RequestRates
from gateway.access.route_roles import SOME_KEY, FoundRoute, Need, RouteNeeds
from gateway.access.session_cookie import SESSION
from gateway.access.sessions import Sessions, caller_in
from gateway.audit.audited_routes import audited_route
from gateway.audit.refused_requests import RefusedRequests
from gateway.clock.clock import now
from gateway.http.caller import ANYBODY, NOBODY, Caller, address_of
from gateway.metrics import KeyRefusal
from service.http.foreign_pages import READING, is_own_page
from service.http.problems import Show, refusal
from service.http.request_deadline import limit_of
from service.http.request_scope import HEALTH, LOGGED

_CHALLENGE = 'Bearer realm="facegate"'
_OF_CAMERAS = f'{_CHALLENGE}, Basic realm="facegate", charset="UTF-8"'
"""Cameras wait for it. Browsers would ask for user and password, and send them from then on."""
REFUSALS: Mapping[type[FacegateError], KeyRefusal] = {
    KeyRequired: "no_key",
    KeyRefused: "not_valid",
    NotForRole: "role",
    NotForStore: "store",
    TooManyFailedKeys: "too_many",
}
"""What somebody is answered who is not let in, and how the metrics call it."""


class _AccessEnded(OSError):
    """Ends a stream as a disconnect would: its key is not valid any more, or its session over."""


class AccessDoor:
    """ASGI middleware: lets in who has a key for what they ask, or has signed in with one.

    `required`: whether keys are asked for. Without, all may do all, but for what keys need always.
    `failed` counts keys that are not valid, `brake` slows down who is refused all the time, and
    `rates` say how often the others may ask. The pages are known by `names` beside the host of a
    request. `refused` is told why somebody was not let in, `untold` counts whom the audit trail has
    to tell of; `show` has the last word on the answer.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        keys: Keys,
        sessions: Sessions,
        failed: FailedKeys,
        brake: RefusalBrake,
        needs: RouteNeeds,
        required: bool,
        rates: RequestRates,
        names: Collection[str],
        refused: Callable[[KeyRefusal], None],
        untold: RefusedRequests,
        show: Show,
    ) -> None:
        self.app = app
        self._keys = keys
        self._digest = DigestAuthentication(keys)
        self._sessions = sessions
        self._failed = failed
        self._brake = brake
        self._needs = needs
        self._required = required
        self._rates = rates
        self._names = frozenset(names)
        self._refused = refused
        self._untold = untold
        self._show = show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        given = presented_key(scope)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        found = self._needs.find(scope["method"], path)
        try:
            caller = await self._caller(scope, found.need, given)
            caller.remember(scope)
            _require(found, scope, caller)
            self._count(scope, found, caller)
        except FacegateError as error:
            response = self._refusal(scope, found, error)
            if error.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                await self._brake.slow_down(address_of(scope))
            return await response(scope, receive, send)
        found.remember(scope)
        if caller in (ANYBODY, NOBODY) or scope["method"] == "POST":
            return await self.app(scope, receive, send)
        return await self._answer(caller, scope, receive, send)

    async def _caller(self, scope: Scope, need: Need, given: str | None) -> Caller:
        """Return who asks. Raises Unauthorized, ForeignPage, TooManyFailedKeys and StorageError."""
        if not (self._required or need.always):
            return ANYBODY
        if need.roles is None:
            return NOBODY
        answer = digest_answer(scope)
        if answer or given is not None:
            return self._holder(scope, answer, given or "")
        session_id = SESSION.of(scope)
        if session_id is None:
            raise KeyRequired("send it as `Authorization: Bearer fg_…`, or sign in to the pages")
        return await self._signed_in(scope, session_id)

    def _holder(self, scope: Scope, answer: Answer | None, given: str) -> Caller:
        """Return who has a key, sent or shown. Raises Unauthorized and TooManyFailedKeys."""
        try:
            key = self._digest.holder(scope, answer) if answer else self._keys.valid(given)
        except KeyRefused:
            self._failed.note(address_of(scope))
            raise
        scope[LOGGED] = {"key": key.id}
        return Caller(key.id, key.role, key.stores, key.names, name=key.name)

    async def _signed_in(self, scope: Scope, session_id: str) -> Caller:
        """Return who has signed in. Raises KeyRequired, ForeignPage and StorageError."""
        session = await self._sessions.find(session_id, Deadline(limit_of(Request(scope))))
        if session is None:
            raise KeyRequired("the session is over: sign in again")
        scope[LOGGED] = (
            {"subject": session.subject} if session.key_id is None else {"key": session.key_id}
        )
        if scope["method"] not in READING and not is_own_page(Headers(scope=scope), self._names):
            raise ForeignPage("who has signed in changes things by the pages of this server alone")
        return caller_in(session)

    def _count(self, scope: Scope, found: FoundRoute, caller: Caller) -> None:
        """Count a request of whoever sends it. Raises TooManyRequests.

        Health is not: whoever else asks from the same address, a gateway is well, or it is not.
        """
        served = found.served(scope["method"])
        if served is not None and not served.endswith(HEALTH):
            asker = caller.key_id or caller.subject or address_of(scope)
            self._rates.take(asker, served)

    def _refusal(self, scope: Scope, found: FoundRoute, error: FacegateError) -> Response:
        """Return what is answered to a request that is not let in."""
        if (reason := REFUSALS.get(type(error))) is not None:
            self._refused(reason)
        if found.route is not None:
            scope["route"] = found.route  # for the log, the metrics, and who shows errors
        audited = audited_route(found.served(scope["method"]))
        if audited is not None:
            logged, address = scope.get(LOGGED, {}), address_of(scope) or None
            who = logged.get("key") or logged.get("subject")
            self._untold.note(audited.action, error.status, who=who, address=address, now=now())
        response = refusal(error)
        if isinstance(error, Unauthorized):
            response.headers["WWW-Authenticate"] = _challenge(scope, found.need)
            if _is_for_cameras(found.need) and self._digest.is_used(found.store):
                response.headers.append("WWW-Authenticate", self._digest.challenge(scope))
        return self._show(Request(scope), response)

    async def _answer(self, caller: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for as long as they may ask: a feed may go on for days."""
        ended = False

        async def send_while_valid(message: Message) -> None:
            nonlocal ended
            if message.get("more_body") and not self._may_still_ask(caller):
                if not ended:
                    ended = True
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise _AccessEnded
            await send(message)

        try:
            await self.app(scope, receive, send_while_valid)
        except (_AccessEnded, ClientDisconnect):
            if not ended:
                raise

    def _may_still_ask(self, caller: Caller) -> bool:
        if caller.session is not None:
            return self._sessions.is_valid(caller.session)
        return caller.key_id is not None and self._keys.is_valid(caller.key_id)


def _challenge(scope: Scope, need: Need) -> str:
    """Return how to send a key, by what whoever asks can do."""
    from_page = any(name == b"origin" for name, _ in scope["headers"])
    return _OF_CAMERAS if _is_for_cameras(need) and not from_page else _CHALLENGE


def _is_for_cameras(need: Need) -> bool:
    return need.roles is not None and need.roles != SOME_KEY.roles and "camera" in need.roles


def _require(found: FoundRoute, scope: Scope, caller: Caller) -> None:
    """Raise NotForRole or NotForStore unless somebody may do what they ask for."""
    need = found.need
    if need.roles is not None and caller.role not in need.roles:
        roles = ", ".join(sorted(need.roles))
        raise NotForRole(f"this needs the role {roles}; {_called(caller)} is of {caller.role}")
    if caller.stores is not None:
        _require_stores(need, _asked_for(scope, found), caller.stores)


def _called(caller: Caller) -> str:
    return caller.subject or f"the key {caller.key_id}"


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
