"""Every route and every role, with no key, a wrong, an expired, a revoked one, another store's."""

import itertools
import re
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from starlette.routing import Route, Router

from contract.messages.access.role import OF_THE_CHAIN, ROLES, Role
from contract.text.access_key import KeyText
from gateway.access.openapi_roles import roles_in_order
from gateway.access.route_roles import NEEDS, Need, RouteNeeds
from gateway.app import create_app
from gateway.clock.clock import now
from gateway.settings import GatewaySettings
from tests.gateway.access.keyring import HOUR, bearer, key, put_keys

OWN, OTHER = "store-a", "store-b"
REFUSED = {"KEY_REQUIRED", "KEY_REFUSED", "NOT_FOR_ROLE", "NOT_FOR_STORE", "TOO_MANY_FAILED_KEYS"}
ROUTES = [tuple(route.split(" ", 1)) for route in NEEDS]


class Keyring(NamedTuple):
    """A key of each role, in each state."""

    of_own: dict[Role, KeyText]
    everywhere: dict[Role, KeyText]
    expired: dict[Role, KeyText]
    revoked: dict[Role, KeyText]


class Asker:
    """Sends requests to an application in this process, each from another address."""

    def __init__(self, app: FastAPI, keys: Keyring) -> None:
        self.app, self.keys = app, keys
        self._addresses = (f"10.0.{n // 250}.{n % 250}" for n in itertools.count())

    async def code(self, method: str, path: str, given: KeyText | None, **more: Any) -> str | None:
        """Return the code with which a request is not let in; None where it is."""
        transport = httpx.ASGITransport(self.app, client=(next(self._addresses), 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
            headers = {} if given is None else bearer(given)
            asked = "HEAD" if path.endswith("/live") else method  # which would go on for ever
            answer = await http.request(asked, path, headers=headers, **more)
        if answer.status_code == 401:
            assert "Bearer" in answer.headers["www-authenticate"]
        if asked == "HEAD":
            return {401: "KEY_REFUSED" if given else "KEY_REQUIRED", 403: "NOT_FOR_"}.get(
                answer.status_code
            )
        problem = answer.headers.get("content-type") == "application/problem+json"
        code = answer.json()["code"] if problem else None
        return code if code in REFUSED else None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asker]:
    folder = tmp_path_factory.mktemp("gateway")
    (folder / "stores.yaml").write_text(f"{OWN}: 127.0.0.1:9\n{OTHER}: 127.0.0.1:9\n")
    made: dict[str, dict[Role, KeyText]] = {}
    stored = []
    for state, given in {
        "of_own": {},
        "everywhere": {},
        "expired": {"expires_at": now() - HOUR},
        "revoked": {"revoked_at": now() - HOUR},
    }.items():
        made[state] = {}
        for role in ROLES:
            limited = state == "of_own" and role not in OF_THE_CHAIN
            made[state][role], one = key(role, [OWN] if limited else None, **given)
            stored.append(one)
    await put_keys(folder, stored)
    settings = GatewaySettings(stores=folder / "stores.yaml", data=folder, keys="required")
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield Asker(app, Keyring(**made))


def path_of(template: str, store: str) -> str:
    filled = template.replace("{store}", store).replace("{path:path}", "facegate.css")
    filled = filled.replace("{key}", "fg_00000000")
    return re.sub(r"\{\w+\}", "x", filled)


EVERY_ROUTE = pytest.mark.parametrize(("method", "template"), ROUTES)


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_table_has_every_route_and_no_other(asker: Asker) -> None:
    served = {
        f"{method} {route.path}"
        for route in asker.app.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }

    assert served == set(NEEDS)


async def test_a_route_of_which_nobody_says_the_role_is_not_served() -> None:
    router = Router([Route("/v1/new", lambda request: None)])

    with pytest.raises(LookupError, match="GET /v1/new"):
        RouteNeeds.of(router.routes)


async def test_openapi_says_which_roles_an_operation_needs(asker: Asker) -> None:
    for path, operations in asker.app.openapi()["paths"].items():
        for method, operation in operations.items():
            need = NEEDS[f"{method.upper()} {path}"]
            assert operation["x-roles"] == roles_in_order(need)
            assert ("security" in operation) == (need.roles is not None)
            assert "key" in operation["description"]


@EVERY_ROUTE
async def test_without_a_key_that_is_valid_nothing_is_answered(
    asker: Asker, method: str, template: str
) -> None:
    path = path_of(template, OWN)
    stranger = KeyText.new()
    known = asker.keys.everywhere["admin"]
    wrong = [stranger, KeyText(known.id, stranger.secret), KeyText(stranger.id, known.secret)]
    ended = [*asker.keys.expired.values(), *asker.keys.revoked.values()]

    codes = [await asker.code(method, path, given) for given in (None, *wrong, *ended)]

    is_open = NEEDS[f"{method} {template}"].roles is None
    refused = ["KEY_REQUIRED", *["KEY_REFUSED"] * (len(codes) - 1)]
    assert codes == ([None] * len(codes) if is_open else refused)


@EVERY_ROUTE
async def test_a_key_may_do_what_its_role_may(asker: Asker, method: str, template: str) -> None:
    need = NEEDS[f"{method} {template}"]

    for role, given in asker.keys.everywhere.items():
        code = await asker.code(method, path_of(template, OWN), given)

        assert (code is None) == (need.roles is None or role in need.roles), (role, code)
        assert code is None or code.startswith("NOT_FOR_")


def asked_of_a_store(need: Need, template: str, store: str) -> tuple[str, dict[str, str]]:
    query = {"store": store} if need.stores == "query" else {}
    return path_of(template, store), query


@EVERY_ROUTE
async def test_a_key_of_one_store_is_for_no_other(asker: Asker, method: str, template: str) -> None:
    need = NEEDS[f"{method} {template}"]
    for role, given in asker.keys.of_own.items():
        if role in OF_THE_CHAIN or (need.roles is not None and role not in need.roles):
            continue
        for store in (OWN, OTHER):
            path, query = asked_of_a_store(need, template, store)
            code = await asker.code(method, path, given, params=query)

            about_own = need.stores == "none" or (store == OWN and need.stores != "chain")
            assert (code is None) == (need.roles is None or about_own), (role, store, code)


WAYS_TO_NAME_ANOTHER_STORE = [
    *("", "?store=", f"?store={OTHER}", f"?store={OWN}&store={OTHER}"),
    *(f"?store={OTHER}&store={OWN}", f"?store={OWN}%00", f"?Store={OWN}"),
]


@pytest.mark.parametrize("query", WAYS_TO_NAME_ANOTHER_STORE)
@pytest.mark.parametrize("path", ["/v1/cameras", "/v1/visitors/reconcile", "/recognize"])
async def test_no_query_gets_round_the_store_of_a_key(asker: Asker, path: str, query: str) -> None:
    method = "GET" if path == "/v1/cameras" else "POST"

    code = await asker.code(method, path + query, asker.keys.of_own["operator"])

    assert code == "NOT_FOR_STORE"


@pytest.mark.parametrize(
    "path",
    [
        *(f"/v1/stores/{store}/traffic" for store in (f"{OWN}%0a", f"{OWN}%2f..%2f{OTHER}", "%00")),
        *("/v1/nothing", "/v1/members/", "//v1/members", "/V1/members", "/v1/./members"),
    ],
)
async def test_no_odd_path_gets_round_the_door(asker: Asker, path: str) -> None:
    assert await asker.code("GET", path, None) == "KEY_REQUIRED"
