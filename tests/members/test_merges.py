"""Two FaceIds become one person, and two again: PV stays, UV is restated, templates move."""

from typing import Any

from tests.gateway.chain import until
from tests.members.chain import Chain


async def merge(chain: Chain, into: tuple[str, str], source: tuple[str, str]) -> dict[str, Any]:
    body = {
        "into": {"store": into[0], "face_id": into[1]},
        "from": {"store": source[0], "face_id": source[1]},
    }
    made: dict[str, Any] = await chain.call("POST", "/v1/faces/merge", 201, json=body)
    return made


async def say_not(chain: Chain, face: tuple[str, str], **other: str) -> dict[str, Any]:
    path = f"/v1/stores/{face[0]}/faces/{face[1]}/not"
    answer: dict[str, Any] = await chain.call("POST", path, json=other)
    return answer


async def test_a_merge_in_one_store_moves_templates_and_is_undone(chain: Chain) -> None:
    await chain.enrol("a", 1, "anna")
    await chain.sees("a", 1)
    visitor = (await chain.sees("a", 2))["face_id"]
    assert await chain.traffic("a") == (2, 2)

    merged = await merge(chain, ("a", "anna"), ("a", visitor))

    assert (merged["from"]["face_id"], merged["pending"]) == (visitor, False)
    assert await chain.traffic("a") == (2, 1)
    assert (await chain.sees("a", 2))["face_id"] == "anna"
    assert await chain.traffic("a") == (2, 1)
    assert await chain.refused("GET", f"/v1/stores/a/faces/{visitor}") == (404, "UNKNOWN_FACE")

    undone = await chain.call("POST", f"/v1/faces/merge/{merged['merge']}/undo")
    again = await chain.call("POST", f"/v1/faces/merge/{merged['merge']}/undo")

    assert undone == again == await chain.call("GET", f"/v1/faces/merge/{merged['merge']}")
    assert undone["undone_at"]
    assert await chain.traffic("a") == (2, 2)
    assert (await chain.sees("a", 2))["face_id"] == visitor


async def test_a_merge_across_stores_is_of_persons_alone(chain: Chain) -> None:
    await chain.enrol("a", 1, "anna")
    await chain.enrol("b", 2, "bella")
    await chain.sees("a", 1)
    await chain.sees("b", 2)

    merged = await merge(chain, ("a", "anna"), ("b", "bella"))

    assert await chain.traffic() == (2, 1)
    assert (await chain.sees("b", 2))["face_id"] == "bella"
    assert not merged["pending"]
    await chain.call("POST", f"/v1/faces/merge/{merged['merge']}/undo")
    assert await chain.traffic() == (2, 2)


async def test_a_member_keeps_the_profile_through_a_merge_and_its_undoing(chain: Chain) -> None:
    await chain.put_member("m-1", True, name="Anna", tags=["staff"])
    await chain.enrol("b", 2, "bella", member_id="m-1")
    visitor = (await chain.sees("a", 1))["face_id"]

    merged = await merge(chain, ("a", visitor), ("b", "bella"))

    member = await chain.call("GET", "/v1/members/m-1")
    assert {face["face_id"] for face in member["faces"]} == {visitor, "bella"}
    assert await chain.traffic() == (0, 0)
    assert (await chain.call("GET", f"/v1/stores/a/faces/{visitor}"))["kind"] == "member"
    await chain.call("POST", f"/v1/faces/merge/{merged['merge']}/undo")
    member = await chain.call("GET", "/v1/members/m-1")
    assert [face["face_id"] for face in member["faces"]] == ["bella"]
    assert await chain.traffic() == (1, 1)
    assert (await chain.call("GET", f"/v1/stores/a/faces/{visitor}"))["kind"] == "visitor"


async def test_two_members_are_not_merged(chain: Chain) -> None:
    await chain.enrol("a", 1, "anna", member_id="m-1")
    await chain.enrol("a", 2, "bella", member_id="m-2")
    body = {"into": {"store": "a", "face_id": "anna"}, "from": {"store": "a", "face_id": "bella"}}

    assert await chain.refused("POST", "/v1/faces/merge", json=body) == (409, "ALREADY_BOUND")
    body["from"]["face_id"] = "nobody"
    assert await chain.refused("POST", "/v1/faces/merge", json=body) == (404, "UNKNOWN_FACE")
    body["from"]["face_id"] = "anna"
    assert await chain.refused("POST", "/v1/faces/merge", json=body) == (400, "BAD_REQUEST")
    assert await chain.refused("POST", "/v1/faces/merge/77/undo") == (404, "NOT_FOUND")


async def test_an_undoing_reaches_a_shard_that_was_down(chain: Chain) -> None:
    await chain.enrol("a", 1, "anna")
    await chain.enrol("a", 2, "bella")
    merged = await merge(chain, ("a", "anna"), ("a", "bella"))
    await chain.stop_shard("a")

    undone = await chain.call("POST", f"/v1/faces/merge/{merged['merge']}/undo")
    assert undone["pending"]
    await chain.start_shard("a")

    async def told() -> bool:
        state = await chain.call("GET", f"/v1/faces/merge/{merged['merge']}")
        return not state["pending"]

    await until(told)
    await chain.asked("a")
    assert (await chain.sees("a", 2))["face_id"] == "bella"


async def test_who_is_not_whom_is_never_merged_and_the_other_way_is_undone(chain: Chain) -> None:
    await chain.enrol("a", 1, "anna")
    visitor = (await chain.sees("a", 2))["face_id"]
    merged = await merge(chain, ("a", "anna"), ("a", visitor))

    answer = await say_not(chain, ("a", visitor), face_id="anna")

    assert answer["undone"] == merged["merge"]
    assert (await chain.sees("a", 2))["face_id"] == visitor
    body = {"into": {"store": "a", "face_id": "anna"}, "from": {"store": "a", "face_id": visitor}}
    assert await chain.refused("POST", "/v1/faces/merge", json=body) == (409, "NOT_THE_SAME")


async def test_a_face_that_passes_for_both_is_who_is_not_the_other(chain: Chain) -> None:
    await chain.enrol("a", 1, "anna")
    await chain.enrol("a", 1, "twin", force=True)
    assert (await chain.sees("a", 1))["face_id"] == "anna"

    await say_not(chain, ("a", "twin"), store="a", face_id="anna")

    assert (await chain.sees("a", 1))["face_id"] == "twin"


async def test_a_visit_of_somebody_else_is_nobodys_then(chain: Chain) -> None:
    await chain.enrol("a", 1, "anna")
    visit = (await chain.sees("a", 1))["visit"]["id"]

    await say_not(chain, ("a", "anna"), visit=visit)

    again = await chain.sees("a", 1)
    assert again["visit"]["id"] != visit
    assert again["visit"]["count"] == 1
    assert await chain.traffic("a") == (2, 2)
    path = "/v1/stores/a/faces/anna/not"
    assert (await chain.refused("POST", path, json={"visit": visit}))[0] == 404
    assert (await chain.refused("POST", path, json={"visit": "x"}))[0] == 400
    assert (await chain.refused("POST", path, json={}))[0] == 400
