"""The page of the cameras renews itself, says who is silent, and what can be done."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Locator, expect

from tests.gateway.fake_chain import STRANGER, Chain
from tests.pages.browser import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAYS = 2 * 24 * 3_600_000
STEP_MS = 30_000
"""Longer than the gateway takes to look at its cameras again."""


def row_of(visitor: Visitor, camera: str) -> Locator:
    return visitor.page.get_by_role("row").filter(has_text=camera)


async def test_listed_and_seen_cameras_are_shown_with_what_they_send(
    visitor: Visitor, chain: Chain
) -> None:
    await visitor.goes_to("/cameras")
    await expect(row_of(visitor, "Front door")).to_contain_text("Not seen yet")

    ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    said = {"X-Facegate-Agent-Status": '{"frames": 8640, "tracks": 31, "spooled": 5}'}
    await chain.http.post("/v1/stores/store-b/cameras/yard/push", content=b"{}", headers=said)
    for _ in range(30):
        await chain.recognize("store-a", STRANGER, camera="door", mint=False, captured_at=ahead)
    await chain.recognize("store-b", camera="yard", mint=False)

    door, yard = row_of(visitor, "Front door"), row_of(visitor, "yard")
    await expect(door).to_contain_text("Sending")
    await expect(door).to_contain_text("30 faces")
    await expect(door).to_contain_text("Its clock is off by +")
    await expect(yard).to_contain_text("not in the store map")
    await expect(yard).to_contain_text("100%")
    await expect(yard).to_contain_text("Its agent looked at 8,640 frames: 0 faces, 31 people")
    await expect(yard).to_contain_text("5 pictures wait for the gateway")
    assert await visitor.accessibility() == []


async def test_a_camera_that_falls_silent_is_an_alert_and_goes_when_it_is_back(
    visitor: Visitor, chain: Chain
) -> None:
    await chain.recognize("store-b", camera="stairs", mint=False)
    await visitor.goes_to("/cameras")
    await expect(row_of(visitor, "stairs")).to_contain_text("Sending")

    with closing(sqlite3.connect(chain.path.parent / "gateway.sqlite")) as record, record:
        record.execute("UPDATE cameras SET last_at = last_at - ? WHERE camera = 'stairs'", [DAYS])

    alert = visitor.page.get_by_role("alert")
    await expect(alert).to_contain_text("stairs in Riverside is silent", timeout=STEP_MS)
    await expect(row_of(visitor, "stairs")).to_contain_text("Look at its power")
    await expect(visitor.page.locator("#news")).to_contain_text("1 of")
    assert await visitor.accessibility() == []
    metric = 'facegate_camera_silent{camera="stairs",store="store-b"}'
    assert f"{metric} 1.0" in await chain.metrics()

    await chain.recognize("store-b", camera="stairs", mint=False)
    await expect(alert).to_have_count(0)
    await expect(row_of(visitor, "stairs")).to_contain_text("Sending")


async def test_a_camera_is_forgotten_when_somebody_says_so_twice(
    visitor: Visitor, chain: Chain
) -> None:
    await chain.recognize("store-b", camera="old door?", mint=False)
    await visitor.goes_to("/cameras")
    row = row_of(visitor, "old door?")
    dialog = visitor.page.get_by_role("dialog")

    await row.get_by_role("button", name="Forget this camera").click()
    await expect(dialog).to_contain_text("old door? in Riverside")
    assert await visitor.accessibility() == []
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(dialog).to_be_hidden()
    await expect(row).to_be_visible()

    await row.get_by_role("button", name="Forget this camera").click()
    await dialog.get_by_role("button", name="Forget it").click()
    await expect(visitor.page.locator("#news")).to_have_text("old door? in Riverside is forgotten.")
    await expect(row).to_have_count(0)


async def test_who_is_at_a_button_stays_there_while_the_page_renews_itself(
    visitor: Visitor, chain: Chain
) -> None:
    await chain.recognize("store-b", camera="stairs", mint=False)
    await visitor.goes_to("/cameras")
    button = row_of(visitor, "stairs").get_by_role("button")
    await button.focus()

    await chain.recognize("store-b", camera="lift", mint=False)
    await expect(row_of(visitor, "lift")).to_be_visible()
    await expect(button).to_be_focused()
