"""Members: written, bound with their history, found elsewhere only with their consent."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Chain, running
from tests.shard.fakes import picture_of


async def test_a_member_is_written_read_and_forgotten(chain: Chain) -> None:
    draft = {
        "name": "张三",
        "tags": ["vip", "vip", "tea"],
        "profile": {"points": 3, "since": {"year": 2020}},
        "consent": {"cross_store": True},
    }

    made = await chain.call("PUT", "/v1/members/m-17", 201, json=draft)
    again = await chain.call("PUT", "/v1/members/m-17", json=draft)

    assert made["tags"] == ["tea", "vip"]
    assert made["consent"]["cross_store"] is True
    assert made["visits"] == {"count": 0, "first_seen": None, "last_seen": None, "days_in_30": 0}
    assert again["created_at"] == made["created_at"]
    assert (await chain.call("GET", "/v1/members/m-17"))["profile"] == draft["profile"]
    await chain.call("DELETE", "/v1/members/m-17", 204)
    assert await chain.refused("GET", "/v1/members/m-17") == (404, "UNKNOWN_MEMBER")
    assert await chain.refused("DELETE", "/v1/members/m-17") == (404, "UNKNOWN_MEMBER")


@pytest.mark.parametrize(
    "draft",
    [
        {"name": "x" * 201},
        {"name": "x", "nmae": "y"},
        {"tags": ["x"] * 33},
        {"tags": ["\u0000"]},
        {"profile": {"x": "y" * 20_000}},
        {"profile": {"x": "\u0000"}},
        {"consent": {"cross_stores": True}},
    ],
)
async def test_what_is_not_a_member_is_refused(chain: Chain, draft: dict[str, object]) -> None:
    status, code = await chain.refused("PUT", "/v1/members/m-17", json=draft)

    assert (status, code) == (422, "INVALID_PARAMETER")


async def test_members_are_found_by_name_id_and_tag_page_by_page(chain: Chain) -> None:
    for number, name in enumerate(["Anna Öst", "anne", "Bob 100%", "Carl"]):
        tags = ["vip"] if number % 2 else []
        await chain.put_member(f"m-{number}", False, name=name, tags=tags)

    async def found(**query: object) -> list[str]:
        page = await chain.call("GET", "/v1/members", params=query)
        return [member["member_id"] for member in page["members"]]

    assert await found(q="ANN") == ["m-0", "m-1"]
    assert await found(q="öST") == ["m-0"]
    assert await found(q="m-") == ["m-0", "m-1", "m-2", "m-3"]
    assert await found(q="%") == ["m-2"]
    assert await found(tag="vip") == ["m-1", "m-3"]
    assert await found(q="ann", tag="vip") == ["m-1"]
    page = await chain.call("GET", "/v1/members", params={"limit": 3})
    assert page["next_after"] == "m-2"
    assert await found(limit=3, after="m-2") == ["m-3"]


async def test_a_member_known_by_an_enrolment_follows_the_store_until_a_profile_says(
    chain: Chain,
) -> None:
    answer = await chain.enroll("a", 1, "095", member_id="m-1")

    member = await chain.call("GET", "/v1/members/m-1")
    assert member["faces"] == [{"store": "a", "face_id": "095", "pending": False}]
    assert member["consent"]["cross_store"] is None
    assert answer["warnings"] == []
    assert (await chain.sees("a", 1))["member"]["member_id"] == "m-1"
    assert (await chain.sees("b", 1, mint=False))["match"] == "roaming"
    assert await chain.refused("GET", "/v1/members/m-1/trace") == (403, "NO_CONSENT")

    await chain.call("PUT", "/v1/members/m-1", json={"name": "Anna"})

    assert (await chain.sees("b", 1, mint=False))["match"] == "unknown"


async def test_an_enrolment_warns_when_the_member_has_not_agreed_to_roam(chain: Chain) -> None:
    await chain.put_member("m-1", False)

    answer = await chain.enroll("a", 1, "095", member_id="m-1")

    assert [warning["code"] for warning in answer["warnings"]] == ["NO_CONSENT"]
    assert (await chain.sees("b", 1, mint=False))["match"] == "unknown"


async def test_an_enrolment_cannot_say_what_the_member_has_not(chain: Chain) -> None:
    await chain.put_member("m-1", False)
    await chain.enroll("a", 1, "095", member_id="m-1")

    form = {"face_id": "095", "cross_store": "true"}
    picture = picture_of(1, take="0.2")
    await chain.call("POST", "/v1/stores/a/faces", 201, data=form, files={"image": picture})

    assert (await chain.call("GET", "/v1/stores/a/faces/095"))["cross_store"] is False
    assert (await chain.sees("b", 1, mint=False))["match"] == "unknown"


async def test_consent_decides_whether_other_stores_find_a_member(chain: Chain) -> None:
    await chain.put_member("m-1", True, name="Anna")
    await chain.enroll("a", 1, "095", member_id="m-1")

    for consent in (True, False, True):
        await chain.put_member("m-1", consent, name="Anna")
        face = await chain.sees("b", 1, mint=False)
        assert face["match"] == ("roaming" if consent else "unknown")
        assert (await chain.sees("a", 1))["match"] == "home"
        search = await chain.call("POST", "/v1/search", content=b"faces 1")
        assert (search["faces"][0]["match"] is not None) == consent


async def test_consent_is_kept_by_restarts_and_replicas(tmp_path: Path) -> None:
    async with running(
        tmp_path, replicas={"a": 1}, options={"a": {"cross_store": "everyone"}}
    ) as chain:
        await chain.put_member("m-1", False)
        await chain.enroll("a", 1, "095", member_id="m-1")
        await chain.stop_shard("a")
        await chain.start_shard("a")
        await chain.healthy("a")

        for _ in range(6):  # both replicas have their turn
            assert (await chain.sees("b", 1, mint=False))["match"] == "unknown"


async def test_consent_withdrawn_while_a_shard_is_down_counts_when_it_is_back(
    chain: Chain,
) -> None:
    await chain.put_member("m-1", True)
    await chain.enroll("a", 1, "095", member_id="m-1")
    await chain.stop_shard("a")

    member = await chain.put_member("m-1", False)
    assert member["faces"] == [{"store": "a", "face_id": "095", "pending": True}]
    await chain.start_shard("a")

    async def told() -> bool:
        assert (await chain.sees("b", 1, mint=False))["match"] == "unknown"
        [face] = (await chain.call("GET", "/v1/members/m-1"))["faces"]
        return not face["pending"]

    await until(told)
    await chain.healthy("a")
    assert (await chain.sees("b", 1, mint=False))["match"] == "unknown"


async def test_a_bound_visitor_takes_the_history_of_visits_along(chain: Chain) -> None:
    first = await chain.sees("a", 1)
    await chain.put_member("m-1", True, name="Anna", tags=["vip"])

    member = await chain.call("PUT", f"/v1/members/m-1/faces/a/{first['face_id']}")

    assert member["faces"] == [{"store": "a", "face_id": first["face_id"], "pending": False}]
    assert member["visits"]["count"] == 1
    record = await chain.call("GET", f"/v1/stores/a/faces/{first['face_id']}")
    assert (record["kind"], record["member"]["member_id"]) == ("member", "m-1")
    seen = await chain.sees("b", 1)
    assert (seen["match"], seen["visit"]["count"]) == ("roaming", 2)
    assert seen["member"] == {"member_id": "m-1", "name": "Anna", "tags": ["vip"]}
    assert await chain.traffic() == (2, 1)


async def test_faces_of_several_stores_are_one_person_until_unbound(chain: Chain) -> None:
    await chain.enroll("a", 1, "1")
    await chain.enroll("b", 2, "2")
    await chain.sees("a", 1)
    await chain.sees("b", 2)
    assert await chain.traffic() == (2, 2)
    await chain.put_member("m-1", True)

    await chain.call("PUT", "/v1/members/m-1/faces/a/1")
    await chain.call("PUT", "/v1/members/m-1/faces/b/2")
    assert await chain.traffic() == (2, 1)

    left = await chain.call("DELETE", "/v1/members/m-1/faces/b/2")
    assert [face["face_id"] for face in left["faces"]] == ["1"]
    assert await chain.traffic() == (2, 2)
    assert (await chain.call("GET", "/v1/stores/b/faces/2"))["member"] is None


async def test_a_face_says_how_often_it_was_seen(chain: Chain) -> None:
    await chain.enroll("a", 1, "1")
    unseen = (await chain.call("GET", "/v1/stores/a/faces/1"))["visits"]
    days_ago = [0, 0, 1, 6]
    for days in days_ago:
        moment = datetime.now(UTC) - timedelta(days=days)
        await chain.sees("a", 1, captured_at=moment.isoformat())
        await chain.sees("b", 1, captured_at=moment.isoformat())

    seen = (await chain.call("GET", "/v1/stores/a/faces/1"))["visits"]

    assert unseen["count"] == 0
    assert (seen["count"], seen["days_in_30"]) == (6, 3)
    assert seen["first_seen"] < seen["last_seen"]


async def test_a_face_is_bound_to_one_member_alone(chain: Chain) -> None:
    await chain.put_member("m-1", True)
    await chain.put_member("m-2", True)
    await chain.enroll("a", 1, "1", member_id="m-1")

    bound = await chain.refused("PUT", "/v1/members/m-2/faces/a/1")
    enrolled = await chain.refused(
        "POST", "/v1/stores/a/faces?face_id=1&member_id=m-2", content=b"faces 1 again"
    )

    assert bound == enrolled == (409, "ALREADY_BOUND")
    assert (await chain.sees("a", 1))["member"]["member_id"] == "m-1"

    async def put_right() -> bool:
        record = await chain.call("GET", "/v1/stores/a/faces/1")
        return bool(record["member"]["member_id"] == "m-1")

    await until(put_right)
    assert await chain.refused("PUT", "/v1/members/m-1/faces/a/2") == (404, "UNKNOWN_FACE")
    assert await chain.refused("PUT", "/v1/members/m-3/faces/a/1") == (404, "UNKNOWN_MEMBER")
    assert await chain.refused("PUT", "/v1/members/m-1/faces/x/1") == (404, "UNKNOWN_STORE")
    assert await chain.refused("DELETE", "/v1/members/m-2/faces/a/1") == (404, "UNKNOWN_FACE")


async def test_staff_are_not_counted_while_they_are_staff(chain: Chain) -> None:
    await chain.put_member("m-1", True)
    await chain.enroll("a", 1, "1", member_id="m-1")
    await chain.sees("a", 1)

    for tags, counted in ((["staff"], (0, 0)), ([], (1, 1)), (["staff", "tea"], (0, 0))):
        await chain.put_member("m-1", True, tags=tags)
        assert await chain.traffic("a") == counted


async def test_cards_show_an_edit_at_once(chain: Chain) -> None:
    await chain.put_member("m-1", True, name="Anna")
    await chain.enroll("a", 1, "1", member_id="m-1")

    for name in ("Anna", "Anne"):
        await chain.put_member("m-1", True, name=name)

        async def shown(name: str = name) -> bool:
            faces = [
                await chain.sees("a", 1),
                await chain.sees("a", 1, visit=False, candidates=1),
                await chain.sees("b", 1, visit=False),
                (await chain.call("POST", "/v1/search", content=b"faces 1"))["faces"][0]["match"],
                await chain.call("GET", "/v1/stores/a/faces/1"),
                (await chain.call("GET", "/v1/stores/a/faces"))["faces"][0],
            ]
            faces += faces[1]["candidates"]
            return {face["member"]["name"] for face in faces} == {name}

        await until(shown)


async def test_a_forgotten_member_leaves_the_faces_and_no_card(chain: Chain) -> None:
    await chain.put_member("m-1", True, name="Anna")
    await chain.enroll("a", 1, "1", member_id="m-1")
    await chain.sees("a", 1)

    await chain.call("DELETE", "/v1/members/m-1", 204)

    face = await chain.sees("a", 1)
    assert (face["match"], face["face_id"], face["member"]) == ("home", "1", None)
    assert await chain.traffic() == (1, 1)


async def test_a_member_is_made_or_edited_only_as_it_was_read(chain: Chain) -> None:
    path, draft = "/v1/members/m-1", {"name": "Anna"}
    only_new = {"If-None-Match": "*"}

    made = await chain.http.put(path, json=draft, headers=only_new)
    again = await chain.http.put(path, json={"name": "Bella"}, headers=only_new)
    read = await chain.http.get(path)
    edited = await chain.http.put(path, json=draft, headers={"If-Match": read.headers["ETag"]})
    late = await chain.http.put(path, json={}, headers={"If-Match": read.headers["ETag"]})
    none = await chain.http.put("/v1/members/m-2", json={}, headers={"If-Match": "*"})

    assert (made.status_code, edited.status_code) == (201, 200)
    assert read.headers["ETag"] == made.headers["ETag"] != edited.headers["ETag"]
    assert edited.headers["ETag"] == f'"{edited.json()["updated_at"]}"'
    refused = [(answer.status_code, answer.json()["code"]) for answer in (again, late, none)]
    assert refused == [(412, "MEMBER_EXISTS"), (412, "MEMBER_CHANGED"), (412, "MEMBER_CHANGED")]
    assert (await chain.call("GET", path))["name"] == "Anna"
    assert await chain.refused("GET", "/v1/members/m-2") == (404, "UNKNOWN_MEMBER")
