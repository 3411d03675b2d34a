"""The pages below a path prefix, in a real browser."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from gateway.pages.pages import PAGES
from tests.gateway.fake_chain import running
from tests.pages.browser import visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_pages_load_and_ask_below_the_prefix(tmp_path: Path, chromium: Browser) -> None:
    async with (
        running(tmp_path, root_path="/facegate") as chain,
        visiting(chromium, f"{chain.http.base_url}/facegate") as visitor,
    ):
        asked: list[str] = []
        visitor.page.on("request", lambda request: asked.append(request.url))
        for page in ("/", *(f"/{name}" for name in PAGES), "/till/store-a", "/docs"):
            await visitor.goes_to(page)
            if page != "/till/store-a":  # its feed never ends
                await visitor.page.wait_for_load_state("networkidle")
        assert any("/v1/members?" in url for url in asked)
        assert any("/v1/traffic/roaming?" in url for url in asked)
        assert [url for url in asked if not url.startswith(f"{visitor.url}/")] == []
