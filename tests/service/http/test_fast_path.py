"""The fast path answers what the route would answer, and leaves the rest to the route."""

from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from contract.errors import UnknownStore
from service.http.fast_path import FastPath
from service.http.problems import install_problems
from service.http.request_scope import RequestScope

PATH = "/stores/{store}/look"


class Wanted(BaseModel):
    count: int = Field(1, ge=0, le=20)
    camera: str | None = Field(None, max_length=3)


def answer(way: str, store: str, wanted: Wanted) -> Response:
    if store == "nowhere":
        raise UnknownStore("there is no store 'nowhere'")
    return JSONResponse({"way": way, "store": store, **wanted.model_dump()})


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()

    async def fast(request: Request, path: dict[str, Any], wanted: Wanted) -> Response:
        return answer("fast", path["store"], wanted)

    @app.post(PATH)
    async def look(store: str, wanted: Annotated[Wanted, Query()]) -> Response:
        return answer("long", store, wanted)

    @app.get("/stores/{store}/look")
    async def other(store: str) -> dict[str, str]:
        return {"way": "long"}

    install_problems(app)
    app.add_middleware(FastPath[Wanted], path=PATH, query=Wanted, answer=fast)
    app.add_middleware(RequestScope, observe=lambda *_: None)
    return app


async def asked(app: FastAPI, path: str, method: str = "POST") -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.request(method, path)


@pytest.mark.parametrize(
    ("query", "count", "camera"),
    [
        ("", 1, None),
        ("?count=3&camera=a%20b", 3, "a b"),
        ("?count=3&count=4", 4, None),
        ("?camera=&unknown=1", 1, ""),
    ],
)
async def test_a_valid_query_takes_the_fast_path(
    app: FastAPI, query: str, count: int, camera: str | None
) -> None:
    found = (await asked(app, f"/stores/%E9%97%A8/look{query}")).json()

    assert found == {"way": "fast", "store": "门", "count": count, "camera": camera}


@pytest.mark.parametrize("query", ["?count=21", "?count=x", "?camera=long", "?count="])
async def test_the_route_refuses_what_is_not_valid(app: FastAPI, query: str) -> None:
    response = await asked(app, f"/stores/a/look{query}")

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"].startswith(f"query.{query[1:].partition('=')[0]}: ")


async def test_other_methods_and_paths_are_the_routes_own(app: FastAPI) -> None:
    assert (await asked(app, "/stores/a/look", "GET")).json() == {"way": "long"}
    assert (await asked(app, "/stores/a/b/look")).status_code == 404


async def test_an_expected_error_has_the_one_shape(app: FastAPI) -> None:
    response = await asked(app, "/stores/nowhere/look")

    assert (response.status_code, response.json()["code"]) == (404, "UNKNOWN_STORE")
    assert response.json()["request_id"] == response.headers["x-request-id"]
