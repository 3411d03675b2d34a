"""Two FaceIds become one person, and two again: PV stays, UV is restated, templates move."""

from typing import Any

from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Chain


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
    await chain.enroll("a", 1, "anna")
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
    await chain.enroll("a", 1, "anna")
    await chain.enroll("b", 2, "bella")
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
    await chain.enroll("b", 2, "bella", member_id="m-1")
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
    await chain.enroll("a", 1, "anna", member_id="m-1")
    await chain.enroll("a", 2, "bella", member_id="m-2")
    body = {"into": {"store": "a", "face_id": "anna"}, "from": {"store": "a", "face_id": "bella"}}

    assert await chain.refused("POST", "/v1/faces/merge", json=body) == (409, "ALREADY_BOUND")
    body["from"]["face_id"] = "nobody"
    assert await chain.refused("POST", "/v1/faces/merge", json=body) == (404, "UNKNOWN_FACE")
    body["from"]["face_id"] = "anna"
    assert await chain.refused("POST", "/v1/faces/merge", json=body) == (400, "BAD_REQUEST")
    assert await chain.refused("POST", "/v1/faces/merge/77/undo") == (404, "NOT_FOUND")


async def test_an_undoing_reaches_a_shard_that_was_down(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    await chain.enroll("a", 2, "bella")
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
    await chain.enroll("a", 1, "anna")
    visitor = (await chain.sees("a", 2))["face_id"]
    merged = await merge(chain, ("a", "anna"), ("a", visitor))

    answer = await say_not(chain, ("a", visitor), face_id="anna")

    assert answer["undone"] == merged["merge"]
    assert (await chain.sees("a", 2))["face_id"] == visitor
    body = {"into": {"store": "a", "face_id": "anna"}, "from": {"store": "a", "face_id": visitor}}
    assert await chain.refused("POST", "/v1/faces/merge", json=body) == (409, "NOT_THE_SAME")


async def test_a_face_that_passes_for_both_is_who_is_not_the_other(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    await chain.enroll("a", 1, "twin", force=True)
    assert (await chain.sees("a", 1))["face_id"] == "anna"

    await say_not(chain, ("a", "twin"), store="a", face_id="anna")

    assert (await chain.sees("a", 1))["face_id"] == "twin"


async def test_whose_visit_it_was_is_remembered_and_told_apart(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    visit = (await chain.sees("a", 1))["visit"]["id"]

    answer = await say_not(chain, ("a", "anna"), visit=visit)

    stranger = answer["other"]["face_id"]
    assert answer["other"]["store"] == "a"
    [card] = (await chain.call("GET", "/v1/stores/a/present"))["visits"]
    assert (card["face_id"], card["kind"], card["visits"]) == (stranger, "visitor", 1)
    again = await chain.sees("a", 1)
    assert (again["face_id"], again["match"], again["kind"]) == (stranger, "home", "visitor")
    assert again["visit"] == {"id": visit, "new": False, "count": 1, "returning": False}
    assert await chain.traffic("a") == (1, 1)
    assert (await chain.sees("a", 1, track="t"))["face_id"] == stranger
    body = {"into": {"store": "a", "face_id": "anna"}, "from": {"store": "a", "face_id": stranger}}
    assert await chain.refused("POST", "/v1/faces/merge", json=body) == (409, "NOT_THE_SAME")
    path = "/v1/stores/a/faces/anna/not"
    assert (await chain.refused("POST", path, json={"visit": visit}))[0] == 404
    assert (await chain.refused("POST", path, json={"visit": "x"}))[0] == 400
    assert (await chain.refused("POST", path, json={}))[0] == 400


async def test_who_is_not_a_member_is_not_in_other_stores_either(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    assert (await chain.sees("b", 1, mint=False))["face_id"] == "anna"
    visit = (await chain.sees("a", 1))["visit"]["id"]

    await say_not(chain, ("a", "anna"), visit=visit)

    assert (await chain.sees("b", 1, mint=False))["match"] == "unknown"


async def test_who_is_not_a_member_of_another_store_is_known_here(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    roaming = await chain.sees("b", 1)
    assert (roaming["match"], roaming["store"]) == ("roaming", "a")

    answer = await say_not(chain, ("a", "anna"), visit=roaming["visit"]["id"])

    stranger = answer["other"]["face_id"]
    assert answer["other"]["store"] == "b"
    assert (await chain.sees("b", 1))["face_id"] == stranger
    for _ in range(3):  # the other stores are asked about a visitor in a track's later frames
        assert (await chain.sees("b", 1, camera="door", track="t"))["face_id"] == stranger


async def test_who_was_seen_is_told_apart_after_a_restart_of_the_gateway(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    visit = (await chain.sees("a", 1))["visit"]["id"]
    await chain.stop_gateway()
    await chain.start_gateway()

    stranger = (await say_not(chain, ("a", "anna"), visit=visit))["other"]["face_id"]

    assert (await chain.sees("a", 1))["face_id"] == stranger


async def test_after_a_restart_of_the_shard_nobody_is_remembered_and_it_is_said(
    chain: Chain,
) -> None:
    await chain.enroll("a", 1, "anna")
    visit = (await chain.sees("a", 1))["visit"]["id"]
    await chain.stop_shard("a")
    await chain.start_shard("a")
    await chain.healthy("a")

    answer = await say_not(chain, ("a", "anna"), visit=visit)

    assert answer["other"] is None
    assert (await chain.call("GET", "/v1/stores/a/present"))["visits"] == []
    again = await chain.sees("a", 1)
    assert (again["face_id"], again["visit"]["count"]) == ("anna", 1)
    assert await chain.traffic("a") == (2, 2)


async def test_whoever_is_told_apart_can_be_erased(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    visit = (await chain.sees("a", 1))["visit"]["id"]
    stranger = (await say_not(chain, ("a", "anna"), visit=visit))["other"]["face_id"]

    await chain.call("DELETE", f"/v1/stores/a/faces/{stranger}")

    assert (await chain.call("GET", "/v1/stores/a/present"))["visits"] == []
    assert (await chain.sees("a", 1))["face_id"] == "anna"


async def test_of_one_person_there_is_one_card(chain: Chain) -> None:
    await chain.put_member("m-1", True, name="Anna")
    one = (await chain.sees("a", 1))["face_id"]
    other = (await chain.sees("a", 2))["face_id"]
    await chain.sees("a", 3)

    await chain.call("PUT", f"/v1/members/m-1/faces/a/{one}")
    await chain.call("PUT", f"/v1/members/m-1/faces/a/{other}")

    cards = (await chain.call("GET", "/v1/stores/a/present"))["visits"]
    assert [card["member"] and card["member"]["name"] for card in cards] == [None, "Anna"]
    assert (cards[1]["visits"], cards[1]["last_visit"]["store"]) == (2, "a")


async def test_what_a_card_tells_is_of_one_moment(chain: Chain) -> None:
    """Two visits that become one person's: the first one has none before it, and is the first."""
    await chain.sees("a", 1)
    await chain.sees("b", 2)
    faces = {
        store: (await chain.call("GET", f"/v1/stores/{store}/present"))["visits"][0]["face_id"]
        for store in "ab"
    }

    await merge(chain, ("a", faces["a"]), ("b", faces["b"]))

    [first] = (await chain.call("GET", "/v1/stores/a/present"))["visits"]
    [second] = (await chain.call("GET", "/v1/stores/b/present"))["visits"]
    assert (first["visits"], first["last_visit"], first["usual_store"]) == (1, None, "a")
    assert (second["visits"], second["last_visit"]["store"]) == (2, "a")
