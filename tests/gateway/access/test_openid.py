"""Signing in as somebody whom an OpenID provider vouches for, with a provider that can err."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from contract.errors import ConfigurationError
from gateway.access.role_claims import RoleClaims
from gateway.settings import GatewaySettings
from service.environment_settings import read_settings
from tests import plain_http
from tests.gateway.access.openid_provider import CLIENT, SECRET, Provider, provider
from tests.gateway.audit.reading import lines_of
from tests.gateway.fake_chain import Chain, running

PAGE = {"Accept": "text/html"}
ROLES = """
claim: [realm, groups]
roles:
  bosses: {role: admin}
  west: {role: till, stores: [store-a]}
"""


class Visitor:
    """Somebody's browser, which follows every redirect itself, and what it meets."""

    def __init__(self, chain: Chain, provider: Provider) -> None:
        self.chain, self.provider = chain, provider
        self.http = plain_http.AsyncClient(base_url=chain.http.base_url)

    async def leaves(self, back: str = "/") -> str:
        """Begin a sign-in; return the address at which the provider has them come back."""
        left = await self.http.get("/sign-in/openid", params={"back": back})
        assert left.status_code == 303, left.text
        assert left.headers["location"].startswith(self.provider.url)
        async with plain_http.AsyncClient() as plain:
            vouched = await plain.get(left.headers["location"])
        return vouched.headers["location"]

    async def signs_in(self) -> httpx.Response:
        return await self.http.get(await self.leaves(), headers=PAGE)

    async def is_in(self) -> bool:
        return (await self.http.get("/", headers=PAGE)).status_code == 200


@asynccontextmanager
async def visiting(tmp_path: Path) -> AsyncIterator[Visitor]:
    (tmp_path / "roles.yaml").write_text(ROLES)
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    async with provider() as vouches:
        vouches.claims = {"realm": {"groups": ["other", "west"]}}
        settings: dict[str, Any] = {
            "oidc_issuer": vouches.url,
            "oidc_client_id": CLIENT,
            "oidc_client_secret_file": tmp_path / "secret",
            "oidc_roles": tmp_path / "roles.yaml",
        }
        async with running(tmp_path, keys="required", **settings) as chain:
            visitor = Visitor(chain, vouches)
            yield visitor
            await visitor.http.aclose()


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    async with visiting(tmp_path) as visitor:
        yield visitor


async def test_who_is_vouched_for_is_let_in_with_the_role_of_their_claim(visitor: Visitor) -> None:
    form = await visitor.http.get("/sign-in", headers=PAGE)
    assert "/sign-in/openid?back=/" in form.text
    comes_back = await visitor.leaves("/till/store-a?x=1")

    led_on = await visitor.http.get(comes_back, headers=PAGE)

    assert led_on.status_code == 200
    assert '<meta http-equiv="refresh" content="0; url=/till/store-a?x=1">' in led_on.text
    session = next(c for c in led_on.headers.get_list("set-cookie") if "facegate_session" in c)
    assert "SameSite=strict" in session
    assert "HttpOnly" in session
    page = await visitor.http.get("/till/store-a", headers=PAGE)
    assert (page.status_code, "Ada · till" in page.text) == (200, True)
    refused = await visitor.http.get("/v1/stores/store-b/present")
    assert refused.json()["code"] == "NOT_FOR_STORE"
    assert (await visitor.http.get(comes_back, headers=PAGE)).status_code == 403  # once


async def test_who_comes_from_the_provider_is_told_with_and_without_a_role(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visitor:
        await visitor.signs_in()
        visitor.provider.claims = {"sub": "u-2", "realm": {"groups": ["nobody"]}}
        await visitor.signs_in()

    begun, let_in, refused = (
        entry
        for entry in lines_of(tmp_path / "audit.jsonl")
        if entry["action"] in {"session.begin_vouched", "refused"}
    )
    assert [(each["who"], each["role"], each["status"]) for each in (begun, let_in)] == [
        ("u-1", "till", None),
        ("u-1", "till", 200),
    ]
    assert (refused["who"], refused["status"]) == ("u-2", 403)
    assert refused["details"] == {"requests": {"session.begin_vouched": 1}}


async def test_a_provider_changes_its_keys(visitor: Visitor) -> None:
    for _ in range(2):
        assert (await visitor.signs_in()).status_code == 200
        visitor.provider.rotate()


NOW = int(time.time())


@pytest.mark.parametrize(
    "errs",
    [
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"claims": {"aud": "another client"}},
        {"claims": {"aud": None}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"exp": NOW - 3600}},
        {"claims": {"iat": NOW + 3600}},
        {"claims": {"sub": None}},
        {"claims": {"realm": {"groups": ["nobody"]}}},
        {"claims": {"realm": "bosses"}},
        {"unsigned": True},
        {"wrong_key": True},
    ],
    ids=[
        *("another nonce", "no nonce", "another audience", "no audience", "another issuer"),
        *("expired", "issued later", "no subject", "no role", "no groups", "unsigned", "wrong key"),
    ],
)
async def test_who_is_not_vouched_for_is_not_let_in(visitor: Visitor, errs: dict[str, Any]) -> None:
    for name, value in errs.items():
        given = {**visitor.provider.claims, **value} if name == "claims" else value
        setattr(visitor.provider, name, given)

    answer = await visitor.signs_in()

    assert (answer.status_code, "SIGN_IN_REFUSED" in answer.text) == (403, True)
    assert not await visitor.is_in()


async def test_nobody_is_brought_into_the_sign_in_of_somebody_else(visitor: Visitor) -> None:
    mine = await visitor.leaves()
    another = Visitor(visitor.chain, visitor.provider)
    theirs = await another.leaves()
    code = parse_qs(urlsplit(theirs).query)["code"][0]
    own_state = parse_qs(urlsplit(mine).query)["state"][0]

    for address in (
        theirs,  # with another one's state
        f"/sign-in/return?code={code}&state={own_state}",  # another one's code
        "/sign-in/return?error=access_denied",
        "/sign-in/return",
    ):
        assert (await visitor.http.get(address, headers=PAGE)).status_code == 403, address
        assert not await visitor.is_in()
    visitor.http.cookies.set("facegate_sign_in", "bm9uc2Vuc2U=")
    assert (await visitor.http.get(mine, headers=PAGE)).status_code == 403
    await another.http.aclose()


async def test_a_provider_that_is_down_refuses_the_sign_in_alone(visitor: Visitor) -> None:
    visitor.provider.is_down = True
    down = await visitor.http.get("/sign-in/openid", headers=PAGE)
    assert (down.status_code, "PROVIDER_UNAVAILABLE" in down.text) == (503, True)
    assert (await visitor.http.get("/readyz")).status_code == 200
    visitor.provider.is_down = False
    visitor.provider.metadata = {"issuer": "https://evil.example"}
    assert (await visitor.http.get("/sign-in/openid")).status_code == 503
    visitor.provider.metadata = {}
    assert (await visitor.signs_in()).status_code == 200


async def test_where_nobody_vouches_the_way_leads_nowhere(tmp_path: Path) -> None:
    async with running(tmp_path, keys="required") as chain:
        assert (await chain.http.get("/sign-in/openid")).status_code == 404
        assert "/sign-in/openid" not in (await chain.http.get("/sign-in")).text


@pytest.mark.parametrize(
    "text",
    [
        "claim: groups",
        "claim: groups\nroles: {}",
        "claim: groups\nroles: {west: {role: till}}",
        "claim: groups\nroles: {west: {role: king}}",
        "claim: groups\nroles: {west: {role: admin, stores: [a]}}",
        "claim: groups\nscope: profile\nroles: {x: {role: admin}}",
        "claim: groups\nrole: {}\nroles: {x: {role: admin}}",
        "[",
    ],
)
def test_a_file_of_roles_that_is_wrong_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "roles.yaml"
    path.write_text(text)

    with pytest.raises(ConfigurationError, match=r"roles\.yaml: "):
        RoleClaims.read(path)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"oidc_issuer": "http://provider.example", "oidc_client_id": "x"}, "ISSUER"),
        ({"oidc_issuer": "https://provider.example", "oidc_roles": "x"}, "ROLES"),
    ],
)
def test_settings_that_do_not_go_together_are_named(given: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=f"FACEGATE_OIDC_{named}"):
        read_settings(GatewaySettings, **given)


def test_a_claim_may_be_a_text_or_a_list(tmp_path: Path) -> None:
    path = tmp_path / "roles.yaml"
    path.write_text("claim: role\nroles:\n  a: {role: admin}\n  b: {role: privacy}\n")
    claims = RoleClaims.read(path)

    granted = [claims.grant({"role": given}) for given in ("b", ["b", "a"], "ab", None, {"a": 1})]

    assert [grant and grant.role for grant in granted] == ["privacy", "admin", None, None, None]
