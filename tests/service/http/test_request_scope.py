"""What both services do around every request: ids, limits on the body, the one error shape."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request

from contract.errors import Busy
from service import request_id
from service.http.openapi_completion import PROBLEM
from service.http.problems import install_problems
from service.http.request_scope import BodyLimits, RequestScope

Observed = list[tuple[str, str, int]]


@pytest.fixture
def observed() -> Observed:
    return []


@pytest.fixture
async def client(observed: Observed) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install_problems(app)

    @app.post("/length")
    async def length(request: Request) -> dict[str, int | str | None]:
        return {"length": len(await request.body()), "id": request_id.current.get()}

    @app.get("/busy")
    async def busy() -> None:
        raise Busy

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("secret internals")

    @app.get("/search")
    async def search(works: bool) -> None:
        if not works:
            raise Busy

    @app.get("/typed/{number}")
    async def typed(number: int) -> int:
        return number

    app.add_middleware(BodyLimits, max_bytes=1000, seconds=0.2)
    app.add_middleware(
        RequestScope,
        observe=lambda method, route, status, seconds: observed.append((method, route, status)),
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_a_request_keeps_the_id_it_came_with(client: httpx.AsyncClient) -> None:
    answer = await client.post("/length", headers={"X-Request-ID": "cam-7.1"})

    assert answer.headers["X-Request-ID"] == answer.json()["id"] == "cam-7.1"


@pytest.mark.parametrize("unsafe", ["", "a b", "x" * 65, '"},{"'])
def test_an_unsafe_id_is_replaced(unsafe: str) -> None:
    made = request_id.accept_or_make(unsafe)

    assert made != unsafe
    assert len(made) == 32


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/busy", 503, "BUSY"),
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("DELETE", "/busy", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/typed/x", 422, "INVALID_PARAMETER"),
        ("GET", "/broken", 500, "INTERNAL"),
    ],
)
async def test_every_error_has_the_one_shape(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(method, path)
    problem = answer.json()

    assert answer.status_code == problem["status"] == status
    assert answer.headers["Content-Type"] == PROBLEM
    assert problem["code"] == code
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert set(problem) == {"type", "title", "status", "detail", "code", "request_id"}
    assert "secret" not in answer.text


async def test_a_busy_service_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    assert (await client.get("/busy")).headers["Retry-After"] == "1"


async def test_a_body_at_the_limit_is_read(client: httpx.AsyncClient) -> None:
    assert (await client.post("/length", content=b"x" * 1000)).json()["length"] == 1000


async def test_a_body_announced_as_too_large_is_refused_unread(client: httpx.AsyncClient) -> None:
    answer = await client.post("/length", content=b"x" * 1001)

    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


async def test_an_endless_body_is_refused_at_the_limit(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 100
            yield b"x" * 100

    answer = await client.post("/length", content=endless())

    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
    assert sent <= 1200


async def test_a_body_that_never_ends_is_given_up(client: httpx.AsyncClient) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    answer = await client.post("/length", content=stalled())

    assert (answer.status_code, answer.json()["code"]) == (408, "SLOW_BODY")


async def test_requests_are_observed_by_route_not_by_path(
    client: httpx.AsyncClient, observed: Observed
) -> None:
    await client.get("/typed/17")
    await client.get("/nowhere")

    assert observed == [("GET", "/typed/{number}", 200), ("GET", "unmatched", 404)]


async def test_a_search_that_the_gateway_s_log_tells_is_logged_where_it_fails_alone(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="access"):
        await client.get("/search", params={"works": True})
        await client.get("/search", params={"works": False})
        await client.get("/typed/17")

    logged = [record.getMessage() for record in caplog.records if record.name == "access"]
    assert logged == ["GET /search 503", "GET /typed/17 200"]


async def test_an_unexpected_error_is_logged_with_the_id_it_answered(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await client.get("/broken")

    assert "secret internals" in caplog.text
    assert json.loads(answer.text)["detail"].endswith("this request_id")
