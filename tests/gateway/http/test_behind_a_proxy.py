"""A gateway behind another web server: under a path of its own, called from others' pages."""

import re
from importlib.resources import files
from pathlib import Path

import httpx
import pytest

from contract.errors import ConfigurationError
from gateway.http.path_prefix import OWN_PATHS
from gateway.pages.pages import PAGES
from gateway.settings import GatewaySettings
from service.environment_settings import read_settings
from tests.gateway.fake_chain import Chain, running

PREFIX = "/facegate"
ALL_PAGES = ("/", *(f"/{page}" for page in PAGES), "/till/store-a", "/till/nowhere", "/docs")


def addresses(html: str) -> set[str]:
    found = re.findall(r'\s(?:href|src|action|data-from)="([^"#]+)"', html)
    return set(found)


async def everything_leads_below(http: httpx.AsyncClient, passed_on: str) -> None:
    """Every address of every page starts with the prefix, and is there as the proxy asks for it."""
    led: set[str] = set()
    for page in ALL_PAGES:
        found = addresses((await http.get(passed_on + page)).text)
        assert {address for address in found if not address.startswith(f"{PREFIX}/")} == set()
        led |= found
    assert len(led) > 20
    for address in led - {f"{PREFIX}/preferences", f"{PREFIX}/keys"}:
        answer = await http.get(passed_on + address.removeprefix(PREFIX))
        assert answer.status_code == 200, address


@pytest.mark.parametrize("passed_on", [PREFIX, ""])
async def test_every_link_file_and_call_is_below_the_prefix(tmp_path: Path, passed_on: str) -> None:
    async with running(tmp_path, root_path=f"{PREFIX}/") as chain:
        await everything_leads_below(chain.http, passed_on)

        schema = (await chain.http.get(f"{passed_on}/openapi.json")).json()
        own = {path.split("/")[1] for path in [*schema["paths"], *ALL_PAGES]} - {""}
        assert own <= OWN_PATHS
        assert schema["servers"] == [{"url": PREFIX}]
        answer = await chain.http.post(
            f"{passed_on}/preferences", data={"back": "/cluster", "language": "zh"}
        )
        assert answer.headers["location"] == f"{PREFIX}/cluster"
        assert f"Path={PREFIX};" in answer.headers["set-cookie"]


async def test_the_way_back_from_a_choice_is_the_same_with_and_without_the_prefix(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, root_path="/t") as chain:
        for page in ("/till/store-a?x=1", "/traffic"):
            for asked in (page, f"/t{page}"):
                shown = (await chain.http.get(asked)).text

                assert set(re.findall(r'name="back" value="([^"]*)"', shown)) == {page}
                assert shown.count('aria-current="page"') == 1


def test_scripts_call_the_gateway_by_the_one_function_that_knows_the_prefix() -> None:
    scripts = [e for e in (files("gateway.pages") / "static").iterdir() if e.name.endswith(".js")]
    literal = re.compile(r"""["'`]/[a-z]""")

    assert len(scripts) > 5
    assert [e.name for e in scripts if literal.search(e.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("root_path", "facegate"),
        ("root_path", "//elsewhere.example"),
        ("root_path", "/a/../b"),
        ("root_path", '/a"b'),
        ("root_path", "/v1"),
        ("root_path", "/till/west"),
        ("cors_origins", "pos.example.com"),
        ("cors_origins", "https://pos.example.com/till"),
        ("cors_origins", "https://"),
        ("keep_alive_seconds", "0"),
        ("hosts", "https://facegate.example.com"),
    ],
)
def test_a_wrong_setting_is_named(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"FACEGATE_{variable.upper()}="):
        read_settings(GatewaySettings, **{variable: value})


async def asked_from(chain: Chain, origin: str) -> httpx.Response:
    return await chain.http.get("/v1/stores", headers={"Origin": origin})


def assert_refused(answer: httpx.Response) -> None:
    """The browser does not let the page read it, and there is nothing to be read."""
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert (answer.status_code, answer.json()["code"]) == (403, "FOREIGN_PAGE")


async def test_pages_of_the_named_origins_alone_may_call(tmp_path: Path) -> None:
    named = "https://pos.example.com, http://localhost:3000/"
    async with running(tmp_path, cors_origins=named) as chain:
        for origin in ("https://pos.example.com", "http://localhost:3000"):
            allowed = await asked_from(chain, origin)
            assert allowed.status_code == 200
            assert allowed.headers["Access-Control-Allow-Origin"] == origin
            assert "Retry-After" in allowed.headers["Access-Control-Expose-Headers"]
            refused = await chain.http.get("/v1/stores/nowhere/traffic", headers={"Origin": origin})
            assert refused.headers["Access-Control-Allow-Origin"] == origin
        assert_refused(await asked_from(chain, "https://evil.example"))

        preflight = await chain.http.options(
            "/v1/stores/store-a/recognize",
            headers={
                "Origin": "https://pos.example.com",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type, idempotency-key",
            },
        )
        assert preflight.status_code == 200
        assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
        assert "idempotency-key" in preflight.headers["Access-Control-Allow-Headers"]


async def test_without_the_setting_no_other_page_may_call(tmp_path: Path) -> None:
    async with running(tmp_path) as chain:
        assert_refused(await asked_from(chain, "https://a.example"))

        for path in ("/v1/members", "/v1/stores/nowhere", "/metrics"):
            answer = await chain.http.get(path)
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_public_name_is_listed(tmp_path: Path) -> None:
    asked = {"Host": "facegate.example.com"}
    async with running(tmp_path) as chain:
        answer = await chain.http.get("/v1/members", headers=asked)
        assert (answer.status_code, answer.json()["code"]) == (421, "UNKNOWN_HOST")
        assert (await chain.http.get("/readyz", headers=asked)).status_code == 200
    async with running(tmp_path, hosts="facegate.example.com") as chain:
        assert (await chain.http.get("/v1/members", headers=asked)).status_code == 200
