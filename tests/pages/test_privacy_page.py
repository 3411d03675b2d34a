"""The privacy desk over a gateway and real shards: what is kept, one person, receipts."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.gateway.people.chain import Chain, running
from tests.pages.browser import Visitor, visiting
from tests.shard.fakes import picture_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chain]:
    """Anna is a member, known in a, who was in b as well; a stranger was in c."""
    folder = tmp_path_factory.mktemp("privacy")
    options = {"a": {"visitor_retention": "36h"}}
    async with running(folder, options=options, settings={"persons_alarm": 2}) as chain:
        await chain.put_member("m-anna", False, name="Anna <i>B.</i>")
        await chain.enroll("a", 1, "anna", member_id="m-anna")
        given = {"text": "form-7", "taken_by": "Li Na"}
        await chain.call("PUT", "/v1/members/m-anna/consent", json=given)
        await chain.sees("b", 1, camera="door")
        await chain.sees("c", 5)
        yield chain


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(chromium: Browser, shop: Chain) -> AsyncIterator[Visitor]:
    async with visiting(chromium, str(shop.http.base_url)) as visitor:
        yield visitor


async def test_what_is_kept_is_shown_with_the_alarm(visitor: Visitor) -> None:
    await visitor.goes_to("/privacy")

    await expect(visitor.page.locator("#persons")).to_have_text("2")
    await expect(visitor.page.locator("#alarm")).to_contain_text("2 are reached")
    await expect(visitor.page.locator("#kept tr").first).to_contain_text("1 d 12 h")
    await expect(visitor.page.locator("#receipts-none")).to_be_visible()
    assert await visitor.accessibility() == []


async def test_a_person_is_found_taken_along_and_erased(visitor: Visitor, shop: Chain) -> None:
    page = visitor.page
    await visitor.goes_to("/privacy")
    picture = {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": picture_of(1, take="again")}
    await page.locator("#picture").set_input_files(picture)  # type: ignore[arg-type]
    await page.locator("#found li", has_text="is in the picture").get_by_role("button").click()
    await expect(page.locator("#person-title")).to_have_text("Anna <i>B.</i> · m-anna")
    await expect(page.locator("#person")).to_contain_text("to form-7 · taken by Li Na")

    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="Save everything").click()
    file = await (await waiting.value).path()
    saved = json.loads(await asyncio.to_thread(Path(file).read_text, encoding="utf-8"))
    await page.get_by_role("button", name="Withdraw").click()
    await expect(page.locator("#person")).to_contain_text("Not agreed")
    assert await visitor.accessibility() == []

    assert (saved["member"]["member_id"], len(saved["visits"])) == ("m-anna", 1)
    assert (await shop.sees("b", 1, mint=False, visit=False))["match"] == "unknown"
    await page.locator("#person").get_by_role("button", name="Erase").click()
    await expect(page.locator("#erase-who")).to_have_text("Anna <i>B.</i> · m-anna")
    await page.get_by_role("button", name="Erase for ever").click()
    await expect(page.locator("#receipt")).to_contain_text("Complete")
    await expect(page.locator("#persons")).to_have_text("1")

    await page.locator("#receipt-member").fill("m-anna")
    await page.locator("#receipts-form").get_by_role("button", name="Find").click()
    await expect(page.locator("#receipts tr")).to_have_count(1)
    await page.locator("#name").fill("Anna")
    await page.locator("#by-name").get_by_role("button", name="Find").click()
    await expect(page.locator("#found")).to_have_text("Nobody is found.")


async def test_who_is_no_member_is_found_by_the_face_id(visitor: Visitor, shop: Chain) -> None:
    page = visitor.page
    face = (await shop.sees("c", 5))["face_id"]
    await visitor.goes_to("/privacy")
    await page.locator("#face-store").select_option("c")
    await page.locator("#face").fill("nobody")
    await page.locator("#by-face").get_by_role("button", name="Find").click()
    await expect(page.locator("#failure")).to_contain_text("There is no such FaceId")
    await page.locator("#face").fill(face)
    await page.locator("#by-face").get_by_role("button", name="Find").click()

    await page.locator("#person li", has_text=face).get_by_role("button", name="Erase").click()
    await page.get_by_role("button", name="Erase for ever").click()

    await expect(page.locator("#receipt")).to_contain_text("Complete")
    await expect(page.locator("#persons")).to_have_text("0")
    assert all("404" in error for error in visitor.errors)
    visitor.errors.clear()
