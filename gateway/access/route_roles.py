"""Which role each route of the gateway needs, and for which stores a key has to be.

This table is the one place that says so: the gateway refuses by it, OpenAPI and docs/security.md
show it, and no route is served that is not in it.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple, Self

from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from contract.messages.access.role import ADMIN, ROLES, Role
from gateway.http.caller import Caller

Stores = Literal["path", "query", "chain", "none"]
"""Where a route says which store it is about: in its path, in `store` of the query, which a key of
certain stores needs then, or nowhere: it is about the whole chain, or about no store at all."""


class Need(NamedTuple):
    """What a request needs to be answered."""

    roles: frozenset[Role] | None
    """One of these; None: not even a key."""
    stores: Stores = "none"
    always: bool = False
    """Also where the gateway asks for no keys otherwise."""


OPEN = Need(None)
SOME_KEY = Need(frozenset(ROLES))
"""What is nobody's secret, among those who have a key at all."""
ADMIN_ALONE = frozenset({ADMIN})
_STORE = "{store}"


def _need(route: str, *roles: Role, stores: Stores | None = None) -> Need:
    found: Stores = "path" if _STORE in route else "chain"
    return Need(frozenset(roles) | ADMIN_ALONE, stores or found)


_BY_QUERY = {"POST /recognize", "GET /v1/cameras", "POST /v1/visitors/reconcile"}
_ROLES: Mapping[str, Sequence[Role]] = {
    "POST /v1/stores/{store}/recognize": ["camera", "operator"],
    "POST /recognize": ["camera", "operator"],
    "POST /v1/stores/{store}/cameras/{camera}/push": ["camera", "operator"],
    "PUT /v1/stores/{store}/cameras/{camera}/push": ["camera", "operator"],
    "GET /v1/cameras": ["operator"],
    "DELETE /v1/stores/{store}/cameras/{camera}": ["operator"],
    "POST /v1/search": ["operator", "privacy"],
    "POST /v1/compare": ["operator"],
    "GET /v1/stores/{store}/faces": ["operator", "privacy"],
    "POST /v1/stores/{store}/faces": ["operator"],
    "POST /v1/stores/{store}/faces/likeness": ["operator"],
    "POST /v1/stores/{store}/faces/vectors": ["operator"],
    "GET /v1/stores/{store}/faces/{face_id}": ["operator", "privacy"],
    "DELETE /v1/stores/{store}/faces/{face_id}": ["privacy"],
    "DELETE /v1/stores/{store}/faces/{face_id}/templates/{template_id}": ["operator", "privacy"],
    "POST /v1/stores/{store}/faces/{face_id}/rename": ["operator"],
    "POST /v1/stores/{store}/faces/{face_id}/not": ["till", "operator"],
    "GET /v1/stores/{store}/sources": ["operator"],
    "GET /v1/members": ["operator", "privacy"],
    "GET /v1/members.csv": ["privacy"],
    "POST /v1/members.csv": ["operator"],
    "POST /v1/imports": ["operator"],
    "POST /v1/imports/{job}/parts": ["operator"],
    "GET /v1/imports": ["operator", "privacy"],
    "GET /v1/imports/{job}": ["operator", "privacy"],
    "DELETE /v1/imports/{job}": ["operator"],
    "GET /v1/members/{member_id}": ["operator", "privacy"],
    "PUT /v1/members/{member_id}": ["operator"],
    "DELETE /v1/members/{member_id}": ["privacy"],
    "PUT /v1/members/{member_id}/consent": ["operator", "privacy"],
    "DELETE /v1/members/{member_id}/consent": ["operator", "privacy"],
    "PUT /v1/members/{member_id}/faces/{store}/{face_id}": ["operator"],
    "DELETE /v1/members/{member_id}/faces/{store}/{face_id}": ["operator"],
    "GET /v1/members/{member_id}/trace": ["privacy"],
    "POST /v1/faces/merge": ["operator"],
    "GET /v1/faces/merge/{merge}": ["operator", "privacy"],
    "POST /v1/faces/merge/{merge}/undo": ["operator"],
    "POST /v1/visitors/reconcile": ["operator"],
    "GET /v1/erasures": ["privacy"],
    "GET /v1/erasures/{erasure}": ["privacy"],
    "GET /v1/privacy": ["privacy"],
    "GET /v1/audit": ["privacy"],
    "GET /v1/audit/chain": ["privacy"],
    "GET /v1/audit/heads": ["privacy"],
    "GET /v1/members/{member_id}/export": ["privacy"],
    "GET /v1/stores/{store}/faces/{face_id}/export": ["privacy"],
    "GET /v1/stores/{store}/traffic": ["manager"],
    "GET /v1/traffic": ["manager"],
    "GET /v1/traffic/roaming": ["manager"],
    "GET /v1/stores/{store}/calibration": ["operator"],
    "GET /v1/stores/{store}/present": ["till"],
    "GET /v1/stores/{store}/live": ["till"],
    "GET /v1/stores/{store}/models/{model}": ["operator"],
    "DELETE /v1/stores/{store}/models/{model}": [],
    "GET /v1/cluster": ["operator"],
    "GET /metrics": ["manager", "operator"],
    "GET /v1/webhooks": [],
    "GET /v1/webhooks/{webhook}": [],
    "PUT /v1/webhooks/{webhook}": [],
    "DELETE /v1/webhooks/{webhook}": [],
    "POST /v1/demo": [],
    "DELETE /v1/demo": [],
    "GET /cluster": ["operator"],
    "GET /cluster/now": ["operator"],
    "GET /cameras": ["operator"],
    "GET /cameras/now": ["operator"],
    "GET /till/{store}": ["till"],
    "GET /traffic": ["manager"],
    "GET /members": ["operator", "privacy"],
    "GET /privacy": ["privacy"],
    "GET /audit": ["privacy"],
    "GET /try": ["operator"],
}
"""Who may, beside the admin."""
_PLACES: Mapping[str, Stores] = {
    "GET /v1/stores/{store}/faces/{face_id}/export": "chain",  # the visits to all stores
    **dict.fromkeys(_BY_QUERY, "query"),
    # Forms that are filled in here and asked of other routes.
    **dict.fromkeys(("GET /traffic", "GET /members", "GET /try"), "none"),
}

NEEDS: Mapping[str, Need] = {
    **{route: _need(route, *roles, stores=_PLACES.get(route)) for route, roles in _ROLES.items()},
    **dict.fromkeys(
        (
            "GET /v1/keys",
            "POST /v1/keys",
            "POST /v1/keys/{key}/rotate",
            "DELETE /v1/keys/{key}",
            "GET /keys",
        ),
        Need(ADMIN_ALONE, "chain", always=True),
    ),
    **dict.fromkeys(
        ("GET /v1/sessions", "DELETE /v1/sessions/{session}", "GET /sessions"),
        Need(SOME_KEY.roles, always=True),  # of others than the admin, their own
    ),
    **dict.fromkeys(("GET /v1/stores", "GET /", "GET /till", "GET /docs"), SOME_KEY),
    "GET /openapi.json": SOME_KEY,
    **dict.fromkeys(
        (
            *("GET /healthz", "GET /readyz", "GET /static/{path:path}", "POST /preferences"),
            *("GET /sign-in", "POST /sign-in", "POST /sign-out"),
            *("GET /sign-in/openid", "GET /sign-in/return"),
        ),
        OPEN,
    ),
}
"""What each route needs, by its method and its path."""


def may(caller: Caller, route: str) -> bool:
    """Say whether somebody may ask for a route, such as `GET /v1/members`, at least of some store.

    Raises KeyError for a route that there is not.
    """
    need = NEEDS[route]
    if need.roles is None:
        return True
    return caller.role in need.roles and (caller.stores is None or need.stores != "chain")


class FoundRoute(NamedTuple):
    """The route of a request, what it needs, and what its path names."""

    route: Route | None
    need: Need
    names: Mapping[str, str] = MappingProxyType({})

    @property
    def store(self) -> str | None:
        """The store that the path names."""
        return self.names.get("store")

    def served(self, method: str) -> str | None:
        """Return how the tables of routes call what is asked by `method`."""
        if self.route is None:
            return None
        return f"{'GET' if method == 'HEAD' else method} {self.route.path}"

    def remember(self, scope: Scope) -> None:
        """Note in an ASGI scope which route its request is for."""
        scope[_SCOPE] = self


NO_ROUTE = FoundRoute(None, SOME_KEY)
"""Who has no key is not told which addresses there are."""
_SCOPE = "facegate.route"


def found_route(scope: Scope) -> FoundRoute:
    """Return which route a request is for, that has come through the door."""
    found: FoundRoute = scope.get(_SCOPE, NO_ROUTE)
    return found


class RouteNeeds:
    """What the routes of an application need, matched as the application matches them."""

    def __init__(self, routes: Sequence[tuple[Route, re.Pattern[str], dict[str, Need]]]) -> None:
        self._routes = routes

    @classmethod
    def of(cls, routes: Sequence[BaseRoute]) -> Self:
        """Return those of `routes`. Raises LookupError for one that is not in the table."""
        found = [route for route in routes if isinstance(route, Route)]
        if len(found) != len(routes):
            raise LookupError("the gateway serves something that is no route: nobody guards it")
        return cls([(route, route.path_regex, needs_of(route)) for route in found])

    def find(self, method: str, path: str) -> FoundRoute:
        """Return the first route that serves a path by a method."""
        for route, pattern, needs in self._routes:
            match = pattern.match(path)
            if match is not None and method in needs:
                return FoundRoute(route, needs[method], match.groupdict())
        return NO_ROUTE


def needs_of(route: Route) -> dict[str, Need]:
    """Return what a route needs, by method. Raises LookupError where the table does not say."""
    needs = {}
    for method in sorted((route.methods or set()) - {"HEAD"}):
        served = f"{method} {route.path}"
        if served not in NEEDS:
            raise LookupError(f"nobody says which role {served} needs: see {__name__}")
        needs[method] = NEEDS[served]
    if "GET" in needs:
        needs["HEAD"] = needs["GET"]  # answered as GET is
    return needs
