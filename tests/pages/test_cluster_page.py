"""The page of the cluster renews itself while somebody looks."""

import pytest
from playwright.async_api import expect

from tests.gateway.fake_chain import Chain
from tests.pages.browser import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_it_shows_stores_replicas_and_sizes(visitor: Visitor, chain: Chain) -> None:
    await visitor.goes_to("/cluster")

    row = visitor.page.get_by_role("row").filter(has_text="West Lake")

    await expect(row).to_contain_text(chain.shard("store-a").address)
    await expect(row).to_contain_text("Healthy")
    await expect(visitor.page.locator(".figure").first).to_contain_text("3 of 3")


async def test_a_shard_that_dies_and_comes_back_is_seen_without_a_reload(
    visitor: Visitor, chain: Chain
) -> None:
    await visitor.goes_to("/cluster")
    row = visitor.page.get_by_role("row").filter(has_text="Riverside")

    await chain.shard("store-b").stop()
    await expect(row).to_contain_text("Down")
    await expect(visitor.page.locator(".figure").first).to_contain_text("missing: Riverside")
    await expect(visitor.page.locator("#news")).to_have_text("2 of 3 stores answer.")
    await chain.shard("store-b").start()

    await expect(row).to_contain_text("Healthy")


async def test_a_wrong_edit_of_the_map_is_shown_with_its_reason(
    visitor: Visitor, chain: Chain
) -> None:
    await visitor.goes_to("/cluster")

    chain.path.write_text("store-a: nowhere\n", encoding="utf-8")
    await expect(visitor.page.get_by_role("alert")).to_contain_text("nowhere")
    chain.write_map()

    await expect(visitor.page.get_by_role("alert")).to_have_count(0)


async def test_a_gateway_that_does_not_answer_is_told_apart_from_news(visitor: Visitor) -> None:
    await visitor.goes_to("/cluster")

    await visitor.page.route("**/cluster/now", lambda route: route.abort("timedout"))
    await expect(visitor.page.locator("#connection")).to_contain_text("does not answer")
    await visitor.page.unroute("**/cluster/now")
    await expect(visitor.page.locator("#connection")).to_have_text("Up to date")

    assert all("ERR_TIMED_OUT" in error for error in visitor.errors)
    visitor.errors.clear()
