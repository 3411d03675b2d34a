"""The page that shows a picture to a store."""

import json
from typing import Any

import pytest
from playwright.async_api import expect

from tests.gateway.fake_chain import CARL, STRANGER, Chain
from tests.gateway.fakes import Behaviour, box, says, text_of
from tests.pages.browser import Visitor
from tests.pictures import sample

pytestmark = pytest.mark.asyncio(loop_scope="session")


def sees(*faces: dict[str, Any]) -> Behaviour:
    """Answer as a shard that sees `faces` in whatever picture it is shown."""
    shape = {"box": box(), "candidates": []}
    timing = {"encode": 30.0, "search": 1.0, "total": 31.0}
    answer = {"result": None, "store": "store-a", "model": "model-1", "timing_ms": timing}
    return says(json.dumps({**answer, "faces": [{**shape, **face} for face in faces]}))


ANNA_HERE = {
    "match": "home", "face_id": "anna", "kind": "member", "score": 0.9, "distance": 0.1,
    "member": {"member_id": "m-1", "name": "Anna Ångström", "tags": ["vip"]},
}  # fmt: skip
CARL_ROAMING = {"match": "unknown", "vector": text_of(CARL)}
NOBODY = {"match": "unknown", "vector": text_of(STRANGER)}


@pytest.fixture
def shows(chain: Chain) -> Any:
    """Return a function that has store-a see some faces, until the test ends."""
    faults = chain.shard("store-a").faults
    yield lambda *faces: faults.update({"/recognize": sees(*faces)})
    faults.clear()


async def choose(visitor: Visitor, name: str = "astronaut.png") -> None:
    await visitor.goes_to("/try")
    picture = {"name": name, "mimeType": "image/png", "buffer": sample("astronaut.png")}
    await visitor.page.locator("#file").set_input_files(picture)  # type: ignore[arg-type]


async def test_faces_are_named_drawn_and_scored(visitor: Visitor, shows: Any) -> None:
    shows(ANNA_HERE, CARL_ROAMING, NOBODY)

    await choose(visitor)

    result = visitor.page.locator("#result")
    await expect(result).to_contain_text("3 faces")
    await expect(result.locator(".person").nth(0)).to_contain_text("Anna Ångström")
    await expect(result.locator(".person").nth(1)).to_contain_text("at home in store-c")
    await expect(result.locator(".person").nth(2)).to_contain_text("Stranger")
    await expect(result).to_contain_text("30 ms")
    await expect(visitor.page.locator("#boxes .outline")).to_have_count(3)
    await expect(visitor.page.locator("#boxes text").first).to_have_text("1 · Anna Ångström")
    assert await visitor.accessibility() == []


async def test_nobody_is_minted_unless_asked_for(
    visitor: Visitor, chain: Chain, shows: Any
) -> None:
    shows(NOBODY)
    await choose(visitor)
    await expect(visitor.page.locator("#result")).to_contain_text("One face")
    assert chain.shard("store-a").asked("/faces/mint") == []

    await visitor.page.get_by_label("Give strangers a FaceId").check()
    picture = {"name": "p.png", "mimeType": "image/png", "buffer": sample("astronaut.png")}
    await visitor.page.locator("#another").set_input_files(picture)  # type: ignore[arg-type]

    await expect(visitor.page.locator("#result .match")).to_have_text("New")
    assert len(chain.shard("store-a").asked("/faces/mint")) == 1


async def test_a_store_that_failed_is_named(visitor: Visitor, chain: Chain, shows: Any) -> None:
    shows(NOBODY)
    chain.shard("store-c").faults["/search"] = says("nonsense")

    await choose(visitor)

    await expect(visitor.page.locator("#result")).to_contain_text("2 of 3 stores answered")
    await expect(visitor.page.locator(".asked li").filter(has_text="store-c")).to_contain_text(
        "failed: nonsense"
    )
    chain.shard("store-c").faults.clear()


async def test_a_refusal_is_told_in_words_and_can_be_retried(
    visitor: Visitor, chain: Chain, shows: Any
) -> None:
    await choose(visitor)  # for the fakes a photograph is no picture: they fail
    failed = visitor.page.get_by_role("alert")
    await expect(failed).to_contain_text("That did not work")
    shows(ANNA_HERE)

    await failed.get_by_role("button", name="Try again").click()

    await expect(visitor.page.locator("#result")).to_contain_text("One face")
    assert all("the server responded with a status of 50" in error for error in visitor.errors)
    visitor.errors.clear()


async def test_the_picture_names_are_no_html(visitor: Visitor, shows: Any) -> None:
    member = {"member_id": "m-1", "name": "<img src=x onerror=alert(1)>", "tags": ["<b>"]}
    shows({**ANNA_HERE, "member": member})

    await choose(visitor)

    await expect(visitor.page.locator(".who")).to_have_text("<img src=x onerror=alert(1)>")
