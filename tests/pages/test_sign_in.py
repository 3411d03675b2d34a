"""Signing in to the pages with a key, and what each of them shows to whom."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, expect

from contract.messages.access.role import Role
from contract.stores.store_map import StoreMap
from contract.text.access_key import KeyText
from facegate.cluster.certificate_folder import CertificateFolder
from gateway.app import create_app
from gateway.settings import GatewaySettings
from service.http.server import serve, server_config
from tests.gateway.access.keyring import key, put_keys
from tests.gateway.access.openid_provider import CLIENT, SECRET, provider
from tests.gateway.fake_chain import ANNA, until
from tests.gateway.fakes import picture
from tests.pages.browser import Visitor, visiting
from tests.pages.guarded_chain import Guarded, guarded_chain, sign_in
from tests.pages.test_hostile_names import HOSTILE
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Guarded]:
    folder: Path = tmp_path_factory.mktemp("sign-in")
    async with guarded_chain(folder, options={"store-a": {"name": "West Lake"}}) as guarded:
        yield guarded


WRITING = {
    *("New member", "Save", "From the camera", "Bind", "Make a member"),
    *("Erase", "Erase FaceId"),
}
"""Buttons of the members' page that change something."""


async def navigation(visitor: Visitor) -> list[str]:
    return await visitor.page.locator(".nav a").all_inner_texts()


async def test_who_signs_in_comes_to_the_page_that_they_asked_for(
    chromium: Browser, guarded: Guarded
) -> None:
    async with visiting(chromium, guarded.url) as visitor:
        page = visitor.page
        await visitor.goes_to("/till/store-a")
        assert await visitor.accessibility() == []
        assert await navigation(visitor) == []
        await page.get_by_label("Key").fill(KeyText.new().text)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert")).to_contain_text("not valid")
        visitor.errors.clear()  # the browser's own word on a form that was refused

        await sign_in(visitor, guarded.keys["till"])

        assert page.url == f"{guarded.url}/till/store-a"
        await expect(page.locator("#connection")).to_contain_text("Live")
        assert await navigation(visitor) == ["Till", "API"]
        await expect(page.locator(".bar")).to_contain_text("a till · till")
        assert await visitor.accessibility() == []
        assert "session" not in await page.evaluate("document.cookie")


async def test_by_tls_the_cookie_is_this_hosts_alone_and_no_script_reads_it(
    chromium: Browser, tmp_path: Path
) -> None:
    certs, port = tmp_path / "certs", free_port()
    CertificateFolder(certs, StoreMap({}, ""), site=["localhost"]).issue(5, renew=False)
    (tmp_path / "stores.yaml").write_text("store-a: 127.0.0.1:9\n")
    till, stored = key("till", ["store-a"])
    await put_keys(tmp_path, [stored])
    settings = GatewaySettings(
        stores=tmp_path / "stores.yaml",
        data=tmp_path,
        keys="required",
        tls_certificate=certs / "site/tls.crt",
        tls_key=certs / "site/tls.key",
    )
    app = create_app(settings)
    server = uvicorn.Server(server_config(app, "127.0.0.1", port))
    serving = asyncio.create_task(serve(app, server))
    await until(lambda: server.started or serving.done())
    url = f"https://localhost:{port}"
    try:
        async with visiting(chromium, url, ignore_https_errors=True) as visitor:
            await visitor.goes_to("/till/store-a")
            await sign_in(visitor, till)

            [cookie] = await visitor.page.context.cookies(url)
            assert cookie["name"] == "__Host-facegate_session"
            assert (cookie["secure"], cookie["httpOnly"]) == (True, True)
            assert (cookie["sameSite"], cookie["path"]) == ("Strict", "/")
            assert cookie["domain"] == "localhost"  # of this host, and of none below it
            assert cookie["value"] not in await visitor.page.evaluate("document.cookie")

            await visitor.page.get_by_role("button", name="Sign out").click()

            await expect(visitor.page.get_by_label("Key")).to_be_visible()
            assert await visitor.page.context.cookies(url) == []
            kept = {name: cookie[name] for name in ("name", "value", "secure", "httpOnly")}
            await visitor.page.context.add_cookies([{**kept, "url": url, "sameSite": "Strict"}])  # type: ignore[typeddict-item]  # as above
            await visitor.page.goto(f"{url}/till/store-a")
            await expect(visitor.page.get_by_label("Key")).to_be_visible()
    finally:
        server.should_exit = True
        await serving


async def test_a_page_leads_back_to_the_sign_in_when_the_session_is_over(
    chromium: Browser, guarded: Guarded
) -> None:
    async with guarded.signed_in(chromium, "till", "/till/store-a") as visitor:
        beside = await visitor.page.context.new_page()
        await beside.goto(guarded.url)

        await beside.get_by_role("button", name="Sign out").click()
        await expect(beside.get_by_label("Key")).to_be_visible()
        await guarded.chain.http.post(
            "/v1/stores/store-a/recognize", content=picture(ANNA), headers=guarded.admin
        )

        await expect(visitor.page.get_by_label("Key")).to_be_visible()
        visitor.errors.clear()  # the feed was refused, which led there
        assert visitor.page.url == f"{guarded.url}/sign-in?back=%2Ftill%2Fstore-a"


async def test_who_comes_from_a_provider_is_signed_in(tmp_path: Path, chromium: Browser) -> None:
    """From another site, whose link would not bring the cookie along: a page of ours leads on."""
    (tmp_path / "roles.yaml").write_text("claim: sub\nroles: {u-1: {role: manager}}\n")
    (tmp_path / "secret").write_text(SECRET)
    async with (
        provider("localhost") as vouches,
        guarded_chain(
            tmp_path,
            oidc_issuer=vouches.url,
            oidc_client_id=CLIENT,
            oidc_client_secret_file=tmp_path / "secret",
            oidc_roles=tmp_path / "roles.yaml",
        ) as guarded,
        visiting(chromium, guarded.url) as visitor,
    ):
        await visitor.goes_to("/traffic")
        await visitor.page.get_by_role("link", name="account of your organisation").click()

        await expect(visitor.page.locator(".bar")).to_contain_text("Ada · manager")
        assert visitor.page.url.startswith(f"{guarded.url}/traffic")
        await expect(visitor.page.locator("#figures .figure")).to_have_count(7)
        await visitor.page.get_by_role("button", name="Sign out").click()
        await expect(visitor.page.get_by_label("Key")).to_be_visible()


async def test_the_front_page_and_the_footfall_are_of_own_stores(
    chromium: Browser, guarded: Guarded
) -> None:
    async with guarded.signed_in(chromium, "manager") as visitor:
        page = visitor.page
        assert await navigation(visitor) == ["Footfall", "API"]
        await expect(page.locator(".tile")).to_have_count(2)

        await page.locator(".nav").get_by_text("Footfall").click()

        assert await page.locator("#store option").all_inner_texts() == ["West Lake"]
        await expect(page.locator("#report")).to_have_attribute("aria-busy", "false")
        await expect(page.locator("#figures .figure")).to_have_count(7)
        await expect(page.locator("#matrix")).to_be_hidden()


@pytest.mark.parametrize(
    ("role", "shown"),
    [
        ("operator", {"New member", "Save", "From the camera", "Bind", "Make a member"}),
        ("privacy", {"Erase", "Erase FaceId"}),
    ],
)
async def test_members_have_the_buttons_that_the_role_may_press(
    chromium: Browser, guarded: Guarded, role: Role, shown: set[str]
) -> None:
    http = guarded.chain.http
    await http.put("/v1/members/m-1", json={"name": "Ada"}, headers=guarded.admin)
    async with guarded.signed_in(chromium, role, "/members?member=m-1") as visitor:
        await expect(visitor.page.locator("#who")).to_have_text("Ada")
        await expect(visitor.page.locator("#others li")).to_have_count(1)

        buttons = await visitor.page.locator("main button:visible").all_inner_texts()

        assert {text.strip() for text in buttons} & WRITING == shown, buttons


async def test_an_admin_sees_who_is_signed_in_and_signs_them_out(
    chromium: Browser, guarded: Guarded
) -> None:
    async with (
        guarded.signed_in(chromium, "operator") as operator,
        guarded.signed_in(chromium, "admin", "/keys") as admin,
    ):
        await operator.page.locator(".bar .signed-in").click()
        own = operator.page.locator("tbody tr").filter(has_text="this browser")
        await expect(own).to_contain_text("a operator")
        await expect(operator.page.locator("tbody tr").filter(has_text="a admin")).to_have_count(0)
        await admin.page.locator("main").get_by_role("link", name="Who is signed in").click()
        assert await admin.accessibility() == []
        of_admin = admin.page.locator("tbody tr").filter(has_text="this browser")
        await expect(of_admin).to_contain_text("a admin")
        of_operator = admin.page.locator("tbody tr").filter(has_text="a operator").first
        await expect(of_operator).to_contain_text("127.0.0.1")
        newest = await of_operator.get_attribute("data-session")

        await of_operator.get_by_role("button", name="Sign out").click()

        await expect(admin.page.locator(f"[data-session='{newest}']")).to_have_count(0)
        await operator.page.reload()
        await expect(operator.page.get_by_label("Key")).to_be_visible()
        await of_admin.get_by_role("button", name="Sign out").click()
        await expect(admin.page.get_by_label("Key")).to_be_visible()


async def test_an_admin_makes_replaces_and_revokes_keys(
    chromium: Browser, guarded: Guarded
) -> None:
    async with guarded.signed_in(chromium, "admin", "/keys") as visitor:
        page = visitor.page
        await expect(page.locator("tbody tr")).to_have_count(5)
        await page.get_by_role("button", name="New key").click()
        await page.locator("#new-name").fill(f"West door {HOSTILE}")
        assert await visitor.accessibility() == []
        await page.locator("#new-stores").select_option("store-a")
        await page.locator("#new-no-names").check()
        await page.get_by_role("button", name="Make it").click()

        await expect(page.locator("#secret")).to_be_visible()
        secret = await page.locator("#secret-key").input_value()
        assert KeyText.parse(secret)
        assert await visitor.accessibility() == []
        await page.keyboard.press("Escape")
        await expect(page.locator("#secret")).to_be_visible()  # nobody loses it by a slip
        await page.get_by_role("button", name="I have it").click()
        row = page.locator("tbody tr").filter(has_text="West door")
        await expect(row).to_contain_text("West Lake")
        await expect(row).to_contain_text("Without names")
        await expect(row).to_contain_text("valid")
        assert secret not in await page.content()
        assert await page.locator("img[src=x]").count() == 0

        await row.get_by_role("button", name="Replace").click()
        await page.locator("#ask-do").click()
        await expect(page.locator("#secret")).to_be_visible()
        another = await page.locator("#secret-key").input_value()
        assert KeyText.parse(another)
        assert another != secret
        await page.get_by_role("button", name="I have it").click()
        await expect(row).to_have_count(2)

        await row.first.get_by_role("button", name="Revoke").click()
        await page.locator("#ask-close").click()
        await expect(row.get_by_text("revoked")).to_have_count(0)
        await row.first.get_by_role("button", name="Revoke").click()
        await page.locator("#ask-do").click()

        await expect(row.get_by_text("revoked")).to_have_count(1)
        assert await visitor.accessibility() == []
