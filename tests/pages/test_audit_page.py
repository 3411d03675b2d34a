"""The audit trail over a gateway: who looked at whom, and by the receipt once erased."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.gateway.fake_chain import Chain, running
from tests.pages.browser import Visitor, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def chain(tmp_path: Path) -> AsyncIterator[Chain]:
    """A member who was looked at."""
    async with running(tmp_path) as chain:
        await chain.http.put("/v1/members/<i>m-1", json={"name": "Anna"})
        await chain.http.get("/v1/members/<i>m-1")
        await chain.http.get("/v1/members/m-2")
        yield chain


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(chromium: Browser, chain: Chain) -> AsyncIterator[Visitor]:
    async with visiting(chromium, str(chain.http.base_url)) as visitor:
        yield visitor


async def test_who_looked_at_whom_is_found(visitor: Visitor, chain: Chain) -> None:
    page, rows = visitor.page, visitor.page.locator("#entries tr")
    await visitor.goes_to("/audit")
    await expect(rows).to_have_count(5)  # a start, two of a change, two looks
    await expect(rows.first).to_contain_text("member.get")
    assert await visitor.accessibility() == []

    await page.locator("#member_id").fill("<i>m-1")
    await page.get_by_role("button", name="Find").click()
    await expect(rows).to_have_count(3)
    await expect(rows.nth(2)).to_contain_text("begun")
    await page.locator("#action").select_option("member.get")
    await page.get_by_role("button", name="Find").click()
    await expect(rows).to_have_count(1)
    await expect(rows.first).to_contain_text("<i>m-1")

    answer = await chain.http.delete("/v1/members/<i>m-1", params={"erase": True})
    await page.get_by_role("button", name="Find").click()
    await expect(page.locator("#none")).to_be_visible()
    await visitor.goes_to("/audit")
    await page.get_by_role("button", name="erased, receipt").first.click()
    await expect(page.locator("#erasure")).to_have_value(answer.json()["erasure"])
    await expect(rows).to_have_count(5)
