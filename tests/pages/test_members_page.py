"""The members' page over a gateway and real shards: find, write, enrol, bind, erase."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route, expect

from tests.gateway.people.chain import Chain, running
from tests.pages.browser import Visitor, visiting
from tests.shard.fakes import picture_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chain]:
    """Stores a, b and c with real shards; a picture is a text that says who is in it."""
    async with running(tmp_path_factory.mktemp("members")) as chain:
        yield chain


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(chromium: Browser, shop: Chain) -> AsyncIterator[Visitor]:
    async with visiting(chromium, str(shop.http.base_url)) as visitor:
        yield visitor


async def choose_file(visitor: Visitor, name: str, picture: bytes) -> None:
    file = {"name": name, "mimeType": "image/jpeg", "buffer": picture}
    await visitor.page.locator("#file").set_input_files(file)  # type: ignore[arg-type]


async def test_a_member_is_made_enrolled_and_recognised(visitor: Visitor, shop: Chain) -> None:
    await visitor.goes_to("/members")
    await visitor.page.get_by_role("button", name="New member").click()
    await visitor.page.locator("#new-name").fill("Ada Byron")
    await visitor.page.locator("#new-id").fill("m-ada")
    await visitor.page.locator("#new-consent").check()
    await visitor.page.get_by_role("button", name="Create").click()
    await expect(visitor.page.locator("#who")).to_have_text("Ada Byron")
    await expect(visitor.page.locator("#faces")).to_contain_text("No face is bound yet")

    await choose_file(visitor, "ada.jpg", picture_of(1))

    await expect(visitor.page.locator("#enrolled")).to_contain_text("Enrolled")
    await expect(visitor.page.locator("#faces")).to_contain_text("m-ada")
    seen = await shop.sees("a", 1)
    assert (seen["match"], seen["member"]["name"]) == ("home", "Ada Byron")
    assert await visitor.accessibility() == []


async def test_a_refused_picture_says_why(visitor: Visitor, shop: Chain) -> None:
    await shop.put_member("m-crowd", False, name="Crowd")
    await visitor.goes_to("/members?member=m-crowd")
    await expect(visitor.page.locator("#who")).to_have_text("Crowd")

    await choose_file(visitor, "two.jpg", picture_of(7, 8))
    await expect(visitor.page.locator("#enrolled li").first).to_contain_text("Several faces")
    await choose_file(visitor, "none.jpg", b"faces")
    await expect(visitor.page.locator("#enrolled li").first).to_contain_text("No face is in")

    assert all("422" in error for error in visitor.errors)
    visitor.errors.clear()


async def test_a_face_that_is_somebody_else_s_is_a_question(visitor: Visitor, shop: Chain) -> None:
    await shop.put_member("m-one", False, name="One")
    await shop.enroll("b", 20, "m-one", member_id="m-one")
    await shop.put_member("m-two", False, name="Two")
    await visitor.goes_to("/members?member=m-two")
    await visitor.page.locator("#enrol-store").select_option("b")

    await choose_file(visitor, "same.jpg", picture_of(20, take="again"))

    card = visitor.page.locator("#enrolled .warn")
    await expect(card).to_contain_text("Is this somebody who is enrolled already?")
    await expect(card).to_contain_text("already, as m-one")
    show = card.get_by_role("link", name="Show m-one")
    await expect(show).to_have_attribute("href", "?member=m-one")
    assert await visitor.accessibility() == []
    await card.get_by_role("button", name="Leave it out").click()
    await expect(visitor.page.locator("#enrolled li")).to_have_count(0)
    await expect(visitor.page.locator("#faces")).to_contain_text("No face is bound yet")

    await choose_file(visitor, "same.jpg", picture_of(20, take="again"))
    await card.get_by_role("button", name="Enrol anyway").click()

    await expect(visitor.page.locator("#enrolled .ok")).to_contain_text("already, as m-one")
    await expect(visitor.page.locator("#faces")).to_contain_text("m-two")
    assert all("409" in error for error in visitor.errors)
    visitor.errors.clear()


async def test_a_picture_of_somebody_else_is_a_question_and_can_be_removed(
    visitor: Visitor, shop: Chain
) -> None:
    await shop.put_member("m-own", False, name="Own")
    await shop.enroll("c", 23, "m-own", member_id="m-own")
    await visitor.goes_to("/members?member=m-own")
    await visitor.page.locator("#enrol-store").select_option("c")

    await choose_file(visitor, "other.jpg", picture_of(24))
    card = visitor.page.locator("#enrolled .warn")
    await expect(card).to_contain_text("Is this really the same person?")
    await expect(card).to_contain_text("Not like the other pictures of m-own")
    await card.get_by_role("button", name="Enrol anyway").click()
    await expect(visitor.page.locator("#enrolled .ok")).to_contain_text("Enrolled")

    await visitor.page.locator("#faces summary", has_text="Pictures").click()
    pictures = visitor.page.locator(".pictures li")
    await expect(pictures).to_have_count(2)
    assert await visitor.accessibility() == []
    await pictures.last.get_by_role("button", name="Remove").click()

    await expect(pictures).to_have_count(1)
    await expect(pictures).to_contain_text("the only one")
    record = await shop.call("GET", "/v1/stores/c/faces/m-own")
    assert len(record["templates"]) == 1
    assert all("409" in error for error in visitor.errors)
    visitor.errors.clear()


async def test_a_face_id_gets_another_name(visitor: Visitor, shop: Chain) -> None:
    await shop.put_member("m-name", False, name="Name")
    await shop.enroll("c", 25, "IMG", member_id="m-name")
    await shop.enroll("c", 26, "taken")
    await visitor.goes_to("/members?member=m-name")
    faces = visitor.page.locator("#faces")
    await faces.locator("summary", has_text="Rename").click()
    assert await visitor.accessibility() == []

    await faces.get_by_label("New name of the FaceId").fill("taken")
    await faces.get_by_role("button", name="Give this name").click()
    await expect(faces.get_by_role("alert")).to_have_text("The store has a FaceId of this name.")
    await faces.get_by_label("New name of the FaceId").fill("named")
    await faces.get_by_role("button", name="Give this name").click()

    await expect(faces.locator("code")).to_have_text("named")
    assert (await shop.sees("c", 25))["face_id"] == "named"
    assert all("409" in error for error in visitor.errors)
    visitor.errors.clear()


async def test_the_profile_is_written_and_found(visitor: Visitor, shop: Chain) -> None:
    await shop.put_member("m-zhang", False, name="张三")
    await visitor.goes_to("/members?member=m-zhang")
    await expect(visitor.page.locator("#who")).to_have_text("张三")

    await visitor.page.locator("#name").fill("张三丰")
    await visitor.page.locator("#tags").fill("vip，tea")
    await visitor.page.get_by_role("button", name="Save").click()
    await expect(visitor.page.locator("#saved")).to_have_text("Saved.")
    await visitor.page.locator("#q").fill("三丰")
    await expect(visitor.page.locator("#found li")).to_have_count(1)

    member = await shop.call("GET", "/v1/members/m-zhang")
    assert (member["name"], member["tags"]) == ("张三丰", ["tea", "vip"])
    await expect(visitor.page.locator("#found")).to_contain_text("张三丰")


async def test_a_visitor_who_is_here_is_bound(visitor: Visitor, shop: Chain) -> None:
    stranger = (await shop.sees("c", 30))["face_id"]
    await shop.put_member("m-stranger", False, name="Known Now")
    await visitor.goes_to("/members?member=m-stranger")
    await visitor.page.locator("#bind-store").select_option("c")
    await expect(visitor.page.locator(f"#visitors option[value='{stranger}']")).to_have_count(1)

    await visitor.page.locator("#bind-face").fill(stranger)
    await visitor.page.get_by_role("button", name="Bind", exact=True).click()

    await expect(visitor.page.locator("#bound")).to_contain_text("Bound")
    await expect(visitor.page.locator("#faces")).to_contain_text(stranger)
    assert (await shop.sees("c", 30))["member"]["name"] == "Known Now"


async def test_an_erasure_shows_its_receipt_and_waits_for_who_is_down(
    visitor: Visitor, shop: Chain
) -> None:
    await shop.put_member("m-gone", True, name="Gone Girl")
    await shop.enroll("a", 40, "m-gone", member_id="m-gone")
    await shop.enroll("b", 40, "m-gone-b", member_id="m-gone")
    await shop.stop_shard("b")
    await visitor.goes_to("/members?member=m-gone")
    await visitor.page.get_by_role("button", name="Erase", exact=True).click()
    assert await visitor.accessibility() == []

    await visitor.page.get_by_role("button", name="Erase for ever").click()

    receipt = visitor.page.locator("#receipt")
    await expect(receipt).to_contain_text("Waiting for a store")
    await expect(receipt.locator("tr", has_text="m-gone-b")).to_contain_text("Not confirmed yet")
    await expect(visitor.page.locator("#found")).not_to_contain_text("Gone Girl")
    await shop.start_shard("b")
    await expect(receipt).to_contain_text("Complete")
    assert await visitor.accessibility() == []


async def test_a_merge_can_be_undone(visitor: Visitor, shop: Chain) -> None:
    await shop.put_member("m-merge", False, name="Twice")
    await shop.enroll("a", 50, "m-merge", member_id="m-merge")
    other = (await shop.sees("a", 51))["face_id"]
    await visitor.goes_to("/members?member=m-merge")
    await visitor.page.locator("#merge-face").fill(other)

    await visitor.page.get_by_role("button", name="Merge", exact=True).click()
    await expect(visitor.page.locator("#merged")).to_contain_text("Merged into m-merge")
    assert (await shop.call("GET", "/v1/members/m-merge"))["visits"]["count"] == 1
    await visitor.page.get_by_role("button", name="Undo").click()

    await expect(visitor.page.locator("#merged")).to_contain_text("Merge undone")
    assert (await shop.call("GET", "/v1/members/m-merge"))["visits"]["count"] == 0


async def test_a_till_can_say_that_it_is_somebody_else(visitor: Visitor, shop: Chain) -> None:
    await shop.put_member("m-twin", False, name="Twin")
    await shop.enroll("b", 60, "m-twin", member_id="m-twin")
    await visitor.goes_to("/till/b")
    await shop.sees("b", 60)
    await expect(visitor.page.locator(".guest h2")).to_have_text("Twin")

    await visitor.page.get_by_role("button", name="Somebody else?").click()
    assert await visitor.accessibility() == []
    await visitor.page.get_by_role("button", name="It is somebody else").click()

    await expect(visitor.page.locator("#note")).to_contain_text("this is not Twin")
    await expect(visitor.page.locator(".guest h2")).to_contain_text("Visitor")
    stranger = await visitor.page.locator(".guest h2 code").inner_text()
    for _ in range(2):
        assert (await shop.sees("b", 60))["face_id"] == stranger
    await expect(visitor.page.locator(".guest")).to_have_count(1)
    await visitor.page.reload()
    await expect(visitor.page.locator(".guest")).to_have_count(1)
    await expect(visitor.page.locator(".guest h2")).to_contain_text(stranger)


async def test_staff_stand_apart_and_two_faces_of_one_member_are_one_card(
    visitor: Visitor, shop: Chain
) -> None:
    await shop.put_member("m-clerk", False, name="Clerk", tags=["staff"])
    await shop.enroll("c", 90, "m-clerk", member_id="m-clerk")
    await shop.put_member("m-pair", False, name="Pair")
    await visitor.goes_to("/till/c")
    await expect(visitor.page.locator("#connection")).to_have_text("Live")
    before = await visitor.page.locator("#people .guest").count()

    faces = [(await shop.sees("c", person))["face_id"] for person in (90, 91, 92)]
    await expect(visitor.page.locator("#people .guest")).to_have_count(before + 2)
    await expect(visitor.page.locator("#staff .guest h2")).to_have_text("Clerk")
    for face in faces[1:]:
        await shop.call("PUT", f"/v1/members/m-pair/faces/c/{face}")

    pair = visitor.page.locator("#people .guest", has_text="Pair")
    await expect(pair).to_have_count(1)
    await expect(pair.locator(".figure-number")).to_have_text("2")
    await expect(visitor.page.locator("#count")).to_have_text(f"{before + 1}")
    assert await visitor.accessibility() == []


async def test_whom_the_store_decides_about_stays_so_when_something_else_is_edited(
    visitor: Visitor, shop: Chain
) -> None:
    await shop.enroll("c", 70, "m-unasked", member_id="m-unasked")
    await visitor.goes_to("/members?member=m-unasked")
    await expect(visitor.page.locator("#consent")).to_contain_text("Not asked")

    await visitor.page.locator("#name").fill("Not Asked")
    await visitor.page.get_by_role("button", name="Save").click()
    await expect(visitor.page.locator("#saved")).to_have_text("Saved.")

    member = await shop.call("GET", "/v1/members/m-unasked")
    assert (member["name"], member["consent"]["cross_store"]) == ("Not Asked", None)


async def test_consent_is_noted_and_withdrawn_by_one_press(visitor: Visitor, shop: Chain) -> None:
    await shop.put_member("m-agrees", False, name="Agrees")
    await visitor.goes_to("/members?member=m-agrees")
    consent = visitor.page.locator("#consent")
    await expect(consent).to_contain_text("Not agreed")

    await consent.get_by_label("Text agreed to").fill("<b>form-7</b>")
    await consent.get_by_label("Taken by").fill("Li Na")
    await consent.get_by_role("button", name="Note the consent").click()
    await expect(consent).to_contain_text("to <b>form-7</b> · taken by Li Na")
    await visitor.page.get_by_role("button", name="Save").click()
    await expect(visitor.page.locator("#saved")).to_have_text("Saved.")
    assert await visitor.accessibility() == []
    await consent.get_by_role("button", name="Withdraw").click()
    await expect(consent).to_contain_text("Not agreed")

    member = await shop.call("GET", "/v1/members/m-agrees")
    assert member["consent"]["cross_store"] is False
    assert [decision["taken_by"] for decision in member["consent"]["former"]] == ["Li Na"]


async def test_a_new_member_does_not_take_the_place_of_another(
    visitor: Visitor, shop: Chain
) -> None:
    await shop.put_member("m-here", True, name="Here First", tags=["vip"])
    await visitor.goes_to("/members")
    await visitor.page.get_by_role("button", name="New member").click()
    await visitor.page.locator("#new-name").fill("Here Second")
    await visitor.page.locator("#new-id").fill("m-here")

    await visitor.page.get_by_role("button", name="Create").click()

    await expect(visitor.page.locator("#new-error")).to_have_text("This number is taken.")
    assert (await shop.call("GET", "/v1/members/m-here"))["name"] == "Here First"
    assert all("412" in error for error in visitor.errors)
    visitor.errors.clear()


async def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(
    visitor: Visitor, shop: Chain
) -> None:
    await shop.put_member("m-both", True, name="Both")
    await visitor.goes_to("/members?member=m-both")
    await expect(visitor.page.locator("#who")).to_have_text("Both")
    await shop.put_member("m-both", True, name="Both", tags=["vip"])

    await visitor.page.locator("#name").fill("Me Alone")
    await visitor.page.get_by_role("button", name="Save").click()

    await expect(visitor.page.locator("#failure")).to_contain_text("Somebody else changed")
    member = await shop.call("GET", "/v1/members/m-both")
    assert (member["name"], member["tags"]) == ("Both", ["vip"])
    assert all("412" in error for error in visitor.errors)
    visitor.errors.clear()


async def test_a_late_answer_does_not_take_the_place_of_a_newer_one(
    visitor: Visitor, shop: Chain
) -> None:
    await shop.put_member("m-late", False, name="Late")
    await shop.put_member("m-soon", False, name="Soon")
    asked, go_on, answered = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        asked.set()
        await go_on.wait()
        await route.fulfill(response=answer)
        answered.set()

    await visitor.page.route("**/v1/members/m-late", late)
    await visitor.goes_to("/members?member=m-late")
    await asked.wait()
    await visitor.page.locator("[data-member=m-soon] a").click()
    await expect(visitor.page.locator("#who")).to_have_text("Soon")

    go_on.set()
    await answered.wait()
    await visitor.page.evaluate("new Promise((done) => setTimeout(done, 50))")

    await expect(visitor.page.locator("#who")).to_have_text("Soon")
    await visitor.page.get_by_role("button", name="Erase", exact=True).click()
    await expect(visitor.page.locator("#erase-who")).to_have_text("Soon · m-soon")


async def test_a_receipt_that_is_renewed_does_not_hide_a_newer_one(
    visitor: Visitor, shop: Chain
) -> None:
    for person, name in ((80, "First"), (81, "Second")):
        await shop.put_member(f"m-{name}", True, name=name)
        await shop.enroll("b", person, f"m-{name}", member_id=f"m-{name}")
    await shop.stop_shard("b")
    receipt = visitor.page.locator("#receipt")
    for name in ("First", "Second"):
        await visitor.goes_to(f"/members?member=m-{name}") if name == "First" else None
        await visitor.page.locator(f"[data-member=m-{name}] a").click()
        await expect(visitor.page.locator("#who")).to_have_text(name)
        await visitor.page.get_by_role("button", name="Erase", exact=True).click()
        await visitor.page.get_by_role("button", name="Erase for ever").click()
        await expect(receipt).to_contain_text(f"m-{name}")

    await shop.start_shard("b")

    await expect(receipt).to_contain_text("Complete")
    await expect(receipt).to_contain_text("m-Second")


async def test_whom_a_store_knows_without_a_profile_is_found_and_made_a_member(
    visitor: Visitor, shop: Chain
) -> None:
    await shop.enroll("a", 95, "imported-095")
    await visitor.goes_to("/members")
    await visitor.page.locator("#others-q").fill("imported-")
    found = visitor.page.locator("#others [data-face=imported-095]")
    await expect(visitor.page.locator("#others li")).to_have_count(1)
    await expect(found).to_contain_text("Enrolled")
    assert await visitor.accessibility() == []

    await found.get_by_role("button", name="Make a member").click()
    await visitor.page.locator("#new-name").fill("No Stranger")
    await visitor.page.get_by_role("button", name="Create").click()

    await expect(visitor.page.locator("#who")).to_have_text("No Stranger")
    await expect(visitor.page.locator("#faces")).to_contain_text("imported-095")
    await expect(found).to_have_count(0)
    assert (await shop.sees("a", 95))["member"]["name"] == "No Stranger"


async def test_whom_a_store_knows_without_a_profile_is_erased_with_a_receipt(
    visitor: Visitor, shop: Chain
) -> None:
    await shop.enroll("b", 96, "imported-096")
    await visitor.goes_to("/members")
    await visitor.page.locator("#others-store").select_option("b")
    await visitor.page.locator("#others-q").fill("imported-096")
    # By name: while the store and the search are chosen, others are listed for a moment.
    found = visitor.page.locator("#others [data-face=imported-096]")
    await expect(visitor.page.locator("#others li")).to_have_count(1)

    await found.get_by_role("button", name="Erase FaceId").click()
    await expect(visitor.page.locator("#erase-who")).to_have_text("imported-096 · b")
    await visitor.page.get_by_role("button", name="Erase for ever").click()

    await expect(visitor.page.locator("#receipt")).to_contain_text("imported-096")
    await expect(visitor.page.locator("#receipt")).to_contain_text("Complete")
    await expect(found).to_have_count(0)
    assert await shop.refused("GET", "/v1/stores/b/faces/imported-096") == (404, "UNKNOWN_FACE")
