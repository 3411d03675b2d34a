"""Whatever people write into a field is text on every page that shows it, and nothing that runs."""

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, expect

from tests.gateway.people.chain import Chain, running
from tests.pages.browser import visiting
from tests.shard.fakes import picture_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOSTILE = """"'><img src=x onerror=window.owned=1>{{7*7}}"""
"""Ends an attribute of either kind, and would run a script and ask for a file that there is not."""
STORE = f"store {HOSTILE}"
CAMERA = f"camera {HOSTILE}"


async def fill_in(chain: Chain) -> None:
    """Write it wherever somebody may write something."""
    member, faces = f"/v1/members/{quote(HOSTILE)}", f"/v1/stores/{quote(STORE)}/faces"
    profile = {
        "name": f"name {HOSTILE}",
        "tags": [f"tag {HOSTILE}"],
        "profile": {f"field {HOSTILE}": f"value {HOSTILE}"},
    }
    agreed = {"text": f"terms {HOSTILE}", "taken_by": f"clerk {HOSTILE}"}
    known = {"face_id": f"face {HOSTILE}", "member_id": HOSTILE}
    for answer in (
        await chain.http.put(member, json=profile),
        await chain.http.put(f"{member}/consent", json=agreed),
        await chain.http.post(faces, params=known, content=picture_of(1)),
        await chain.http.post(faces, params={"face_id": f"other {HOSTILE}"}, content=picture_of(2)),
        await chain.http.post(
            f"/v1/stores/{quote(STORE)}/recognize", params={"camera": CAMERA}, content=picture_of(1)
        ),
    ):
        assert answer.status_code in {200, 201}, answer.text


async def test_no_text_runs_on_any_page(tmp_path: Path, chromium: Browser) -> None:
    options = {STORE: {"name": f"shop {HOSTILE}", "cameras": {CAMERA: {}}}}
    async with (
        running(tmp_path, stores=(STORE,), options=options) as chain,
        visiting(chromium, str(chain.http.base_url)) as visitor,
    ):
        await fill_in(chain)
        for path, shown in {
            "/": ["shop"],
            "/till": ["shop"],
            f"/till/{quote(STORE)}": ["shop", "name", "tag"],
            "/traffic": ["shop"],
            f"/members?member={quote(HOSTILE)}": ["shop", "name", "face", "other", "terms"],
            "/try": ["shop"],
            "/privacy": ["shop"],
            "/cameras": ["shop", "camera"],
            "/cluster": ["shop"],
            f"/sign-in?back=/{quote(HOSTILE)}": [],
        }.items():
            await visitor.goes_to(path)
            for what in shown:
                text = visitor.page.get_by_text(f"{what} {HOSTILE}").first
                await expect(text).to_be_attached()
            assert await visitor.page.evaluate("window.owned") is None, path
            assert await visitor.page.locator("img[src=x]").count() == 0, path
