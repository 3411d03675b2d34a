"""Under which names a service may be asked for."""

import socket

import httpx
import pytest
from fastapi import FastAPI

from service.http.known_hosts import KnownHosts, host_names
from service.http.problems import unchanged


async def status(host: str, names: str = "", path: str = "/v1") -> tuple[int, str | None]:
    app = FastAPI()
    for open_path in ("/v1", "/healthz", "/readyz", "/v1/healthz"):
        app.add_api_route(open_path, lambda: "done")
    guarded = KnownHosts(app, host_names(names), unchanged)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(guarded), base_url="http://here", headers={"host": host}
    ) as client:
        answer = await client.get(path)
    body = answer.json()
    return answer.status_code, body.get("code") if isinstance(body, dict) else None


@pytest.mark.parametrize(
    "host",
    [
        *("", "127.0.0.1", "127.0.0.1:8000", "10.1.2.3", "[::1]", "[::1]:8000", "[fe80::1%25eth0]"),
        *("localhost", "LOCALHOST:8000", "shop.localhost", "gateway", "gateway:8000", "gateway."),
        *(
            "gateway.facegate.svc.cluster.local",
            "gateway.facegate.svc:8000",
            "box.lan",
            "box.home.arpa",
            "box.internal:80",
        ),
        socket.gethostname(),
    ],
)
async def test_what_no_site_can_be_called_is_known(host: str) -> None:
    assert await status(host) == (200, None)


@pytest.mark.parametrize(
    "host",
    [
        *("elsewhere.example", "elsewhere.example:8000", "127.0.0.1.elsewhere.example", "1.2.3"),
        *("notlocal.example", "localhost.example", "xn--e1afmkfd.example", "evil.com#.local:80"),
        *("evil.example:.local", "2130706433.example", "1.2.3.4.5", "a..b"),
    ],
)
async def test_a_name_that_a_site_can_have_is_refused(host: str) -> None:
    assert await status(host) == (421, "UNKNOWN_HOST")
    assert await status(host, path="/v1/healthz") == (421, "UNKNOWN_HOST")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_who_balances_load_may_use_any_name(path: str) -> None:
    assert await status("elsewhere.example", path=path) == (200, None)


async def test_listed_names_are_known() -> None:
    names = "Facegate.example.com, *.shops.example"

    assert await status("facegate.example.com:443", names) == (200, None)
    assert await status("FACEGATE.example.com.", names) == (200, None)
    assert await status("west.shops.example", names) == (200, None)
    assert await status("shops.example", names) == (421, "UNKNOWN_HOST")
    assert await status("a.facegate.example.com", names) == (421, "UNKNOWN_HOST")
    assert await status("elsewhere.example", "*") == (200, None)


@pytest.mark.parametrize("text", ["https://a.example", "a.example:80", "a b", "*.*", "a/b", "*a"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a host name"):
        host_names(text)
