"""The till: who is here now, as soon as the camera sees them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.gateway.fake_chain import ANNA, BOB, CARL, STRANGER, Chain, running, three_stores
from tests.gateway.fakes import picture
from tests.pages.browser import Visitor, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")

POST_AND_WAIT = """async ({ path, body }) => {
  const people = document.getElementById("people");
  const appeared = new Promise((resolve) => {
    new MutationObserver((changes) => {
      if (changes.some(({ addedNodes }) => addedNodes.length)) resolve(performance.now());
    }).observe(people, { childList: true });
  });
  const posted = performance.now();
  const answer = await fetch(path, { method: "POST", body });
  const answered = performance.now();
  const seen = await appeared;
  return { status: answer.status, answered: answered - posted, appeared: seen - posted };
}"""


async def test_a_visit_appears_within_a_second_of_the_posted_frame(
    chromium: Browser, tmp_path: Path
) -> None:
    """At least one of three does: a machine may stand still for one."""
    async with (
        running(tmp_path, three_stores()) as chain,
        visiting(chromium, str(chain.http.base_url)) as visitor,
    ):
        await visitor.goes_to("/till/store-a")
        await expect(visitor.page.locator("#connection")).to_have_text("Live")
        milliseconds = []
        for number, who in enumerate((ANNA, BOB, CARL), 1):
            frame = {
                "path": "/v1/stores/store-a/recognize?camera=door",
                "body": picture(who).decode(),
            }
            measured: dict[str, Any] = await visitor.page.evaluate(POST_AND_WAIT, frame)

            assert measured["status"] == 200
            await expect(visitor.page.locator("#count")).to_have_text(str(number))
            milliseconds.append(measured["appeared"])
        assert min(milliseconds) < 1000


async def test_a_visit_appears_with_who_it_is_of(visitor: Visitor, chain: Chain) -> None:
    await visitor.goes_to("/till/store-a")
    await expect(visitor.page.locator("#nobody")).to_be_visible()

    await chain.recognize("store-a", ANNA, camera="door")

    await expect(visitor.page.locator(".guest h2")).to_have_text("anna")
    await expect(visitor.page.locator(".guest")).to_contain_text("Known here")
    await expect(visitor.page.locator("#news")).to_have_text("anna, Known here, visit 1")
    await expect(visitor.page.locator("#count")).to_have_text("1")


async def test_who_is_from_elsewhere_or_new_is_told_apart(visitor: Visitor, chain: Chain) -> None:
    await chain.recognize("store-c", BOB)
    await chain.recognize("store-c", STRANGER)

    await visitor.goes_to("/till/store-c")

    await expect(visitor.page.locator(".guest.roaming")).to_contain_text("bob")
    await expect(visitor.page.locator(".guest.roaming")).to_contain_text("From another store")
    await expect(visitor.page.locator(".guest.new")).to_contain_text("Visitor")
    await expect(visitor.page.locator(".guest.new")).to_contain_text("first visit")
    assert await visitor.accessibility() == []


async def test_who_is_not_known_yet_is_shown_and_then_named(
    chromium: Browser, tmp_path: Path
) -> None:
    async with (
        running(tmp_path, three_stores()) as chain,
        visiting(chromium, str(chain.http.base_url)) as visitor,
    ):
        shard = chain.shard("store-a")
        shard.track = {"id": "7", "frames": 1}
        await visitor.goes_to("/till/store-a")
        await expect(visitor.page.locator("#connection")).to_have_text("Live")
        await chain.recognize("store-a", STRANGER, track="7")
        await expect(visitor.page.locator(".guest.pending")).to_contain_text("Not known yet")
        await expect(visitor.page.locator(".guest .wrong")).to_have_count(0)

        shard.track = {"id": "7", "frames": 2}
        await chain.recognize("store-a", ANNA, track="7")

        await expect(visitor.page.locator(".guest.home")).to_contain_text("anna")
        await expect(visitor.page.locator(".guest")).to_have_count(1)


async def test_a_visit_is_shown_once_however_many_frames_there_are(
    visitor: Visitor, chain: Chain
) -> None:
    await visitor.goes_to("/till/store-b")
    await expect(visitor.page.locator("#connection")).to_have_text("Live")

    for _ in range(3):
        await chain.recognize("store-b", CARL)
    await chain.recognize("store-b", BOB)

    await expect(visitor.page.locator(".guest")).to_have_count(2)


async def test_who_was_not_seen_for_the_gap_has_left(chromium: Browser, tmp_path: Path) -> None:
    options = {"store-a": {"visit_gap": "8s"}}  # a busy machine shows her within it, too
    async with (
        running(tmp_path, three_stores(), options) as chain,
        visiting(chromium, str(chain.http.base_url)) as visitor,
    ):
        await visitor.goes_to("/till/store-a")
        await chain.recognize("store-a", ANNA)
        await expect(visitor.page.locator(".guest")).to_have_count(1)

        await expect(visitor.page.locator(".guest")).to_have_count(0)
        await expect(visitor.page.locator("#nobody")).to_be_visible()


async def test_a_till_that_lost_the_gateway_comes_back_and_shows_what_it_missed(
    chromium: Browser, tmp_path: Path
) -> None:
    async with (
        running(tmp_path, three_stores()) as chain,
        visiting(chromium, str(chain.http.base_url)) as visitor,
    ):
        await visitor.goes_to("/till/store-a")
        await expect(visitor.page.locator("#connection")).to_have_text("Live")
        await visitor.page.context.set_offline(True)
        await visitor.page.evaluate("window.dispatchEvent(new Event('offline'))")
        await chain.recognize("store-a", ANNA)
        await asyncio.sleep(0.1)
        await visitor.page.context.set_offline(False)

        await expect(visitor.page.locator(".guest")).to_have_count(1)
        await expect(visitor.page.locator("#connection")).to_have_text("Live")
        visitor.errors.clear()


async def test_a_till_of_a_store_that_there_is_not_is_a_page_that_says_so(
    visitor: Visitor, chain: Chain
) -> None:
    answer = await visitor.page.goto(f"{visitor.url}/till/nowhere")

    assert answer is not None
    assert answer.status == 404
    await expect(visitor.page.locator("main")).to_contain_text("There is no such store")
    visitor.errors.clear()
