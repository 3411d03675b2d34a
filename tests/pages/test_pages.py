"""What every page promises, seen in a real browser: no errors, usable by all, in both languages."""

import pytest
from playwright.async_api import Browser, expect

from gateway.pages.pages import PAGES
from tests.gateway.fake_chain import Chain
from tests.pages.browser import Visitor, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADDRESSES = ["/", *(f"/{page}" for page in PAGES)]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_page_is_accessible_in_both_themes(
    chromium: Browser, chain: Chain, address: str, theme: str
) -> None:
    async with visiting(chromium, str(chain.http.base_url), color_scheme=theme) as visitor:
        await visitor.goes_to(address)

        assert await visitor.accessibility() == []


@pytest.mark.parametrize("size", [(768, 1024), (1440, 900), (390, 844)])
@pytest.mark.parametrize("address", ADDRESSES)
async def test_no_page_is_wider_than_its_window(
    chromium: Browser, chain: Chain, address: str, size: tuple[int, int]
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    async with visiting(chromium, str(chain.http.base_url), viewport=viewport) as visitor:
        await visitor.goes_to(address)

        assert await visitor.page.evaluate("document.documentElement.scrollWidth") <= size[0]


async def test_the_browsers_language_is_spoken_until_another_is_chosen(
    chromium: Browser, chain: Chain
) -> None:
    async with visiting(chromium, str(chain.http.base_url), locale="zh-CN") as visitor:
        await visitor.goes_to("/cluster")
        assert await visitor.text("h1") == "集群"

        await visitor.page.get_by_role("button", name="English").click()

        await expect(visitor.page.locator("h1")).to_have_text("Cluster")
        assert visitor.page.url.endswith("/cluster")
        await visitor.goes_to("/try")
        assert await visitor.text("h1") == "Try it"


async def test_the_appearance_follows_the_device_until_one_is_chosen(visitor: Visitor) -> None:
    await visitor.goes_to("/")
    shown = []
    for chosen in ("dark", "light", "auto"):
        await visitor.page.locator("button[name=theme]").click()
        await expect(visitor.page.locator("html")).to_have_attribute("data-theme", chosen)
        shown.append(await visitor.page.evaluate("getComputedStyle(document.body).colorScheme"))

    assert shown == ["dark", "light", "light"]  # the third follows a device that is light


async def test_the_api_can_be_tried_out_without_the_internet(visitor: Visitor) -> None:
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    await visitor.goes_to("/docs")

    await expect(visitor.page.locator("#api h1")).to_contain_text("facegate gateway")

    assert [url for url in asked if not url.startswith((visitor.url, "data:"))] == []


async def test_the_first_tab_leads_past_the_navigation(visitor: Visitor) -> None:
    await visitor.goes_to("/cluster")

    await visitor.page.keyboard.press("Tab")
    await visitor.page.keyboard.press("Enter")

    assert await visitor.page.evaluate("document.activeElement.id") == "main"
