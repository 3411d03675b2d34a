"""A FaceId that gets another name keeps everything, in its shard and in the record."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract.messages.face import Box
from contract.messages.recognition import RecognizedFace
from gateway.record.database import Database
from gateway.record.people import current_names, rename_updates, renames
from tests import plain_http
from tests.gateway.people.chain import Chain, running
from tests.gateway.people.test_merges import merge, say_not
from tests.shard.fakes import picture_of


async def rename(chain: Chain, face_id: str, name: str, status: int = 200) -> dict[str, Any]:
    path = f"/v1/stores/a/faces/{face_id}/rename"
    answer: dict[str, Any] = await chain.call("POST", path, status, json={"face_id": name})
    return answer


async def test_replicas_know_the_new_name_or_the_record_does(tmp_path: Path) -> None:
    async with running(tmp_path, replicas={"a": 1}, stores=("a",)) as chain:
        await chain.enroll("a", 1, "anna")
        visits = {(await chain.sees("a", 1))["visit"]["id"]}

        await rename(chain, "anna", "annabel")

        for _ in range(4):  # whichever replica is asked
            seen = await chain.sees("a", 1)
            assert seen["face_id"] == "annabel"
            visits.add(seen["visit"]["id"])
        assert len(visits) == 1
        assert await chain.traffic("a") == (1, 1)


async def test_everything_goes_with_the_name(tmp_path: Path) -> None:
    async with running(tmp_path) as chain:
        await chain.put_member("m-1", True, name="Anna")
        await chain.enroll("a", 1, "095", member_id="m-1", source="west/095_0.jpg")
        await chain.enroll("a", 2, "other")
        await say_not(chain, ("a", "095"), store="a", face_id="other")
        seen = await chain.sees("a", 1)
        roamed = await chain.sees("b", 1)
        before = await chain.traffic(), await chain.traffic("a")

        state = await rename(chain, "095", "anna")

        assert state == {
            "face": {"store": "a", "face_id": "anna"},
            "former": "095",
            "pending": False,
        }
        again = await chain.sees("a", 1)
        assert (again["face_id"], again["member"]["name"]) == ("anna", "Anna")
        assert again["visit"]["id"] == seen["visit"]["id"]
        roams = await chain.sees("b", 1)
        assert (roams["match"], roams["face_id"]) == ("roaming", "anna")
        assert roams["visit"]["id"] == roamed["visit"]["id"]
        assert (await chain.traffic(), await chain.traffic("a")) == before
        member = await chain.call("GET", "/v1/members/m-1")
        assert [face["face_id"] for face in member["faces"]] == ["anna"]
        record = await chain.call("GET", "/v1/stores/a/faces/anna")
        assert (record["visits"]["count"], len(record["templates"])) == (2, 1)
        assert await chain.refused("GET", "/v1/stores/a/faces/095") == (404, "UNKNOWN_FACE")
        [source] = (await chain.call("GET", "/v1/stores/a/sources"))["sources"]
        assert source["face_id"] == "anna"
        pair = {
            "into": {"store": "a", "face_id": "other"},
            "from": {"store": "a", "face_id": "anna"},
        }
        assert await chain.refused("POST", "/v1/faces/merge", json=pair) == (409, "NOT_THE_SAME")
        receipt = await chain.call("DELETE", "/v1/members/m-1?erase=true")
        assert [f["face_id"] for part in receipt["stores"] for f in part["faces"]] == ["anna"]


async def test_a_name_that_is_taken_looks_minted_or_is_none_is_refused(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    await chain.enroll("a", 2, "bella")
    visitor = (await chain.sees("a", 3))["face_id"]
    before = await chain.call("GET", "/v1/stores/a/faces")

    for face_id, name, code in [
        ("anna", "bella", (409, "FACE_EXISTS")),
        ("anna", visitor, (400, "BAD_REQUEST")),
        ("anna", "v-mine", (400, "BAD_REQUEST")),
        ("anna", "anna", (409, "FACE_EXISTS")),
        ("nobody", "carla", (404, "UNKNOWN_FACE")),
        ("anna", "a/b", (422, "INVALID_PARAMETER")),
        ("anna", "", (422, "INVALID_PARAMETER")),
    ]:
        path = f"/v1/stores/a/faces/{face_id}/rename"
        assert await chain.refused("POST", path, json={"face_id": name}) == code

    assert await chain.call("GET", "/v1/stores/a/faces") == before


async def test_a_visitor_keeps_being_one_under_a_name(chain: Chain) -> None:
    visitor = (await chain.sees("a", 3))["face_id"]

    await rename(chain, visitor, "the man with the hat")

    seen = await chain.sees("a", 3)
    assert (seen["face_id"], seen["kind"]) == ("the man with the hat", "visitor")
    assert await chain.traffic("a") == (1, 1)


async def test_a_merge_from_before_is_undone_under_the_new_name(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    visitor = (await chain.sees("a", 2))["face_id"]
    merged = await merge(chain, ("a", "anna"), ("a", visitor))

    await rename(chain, "anna", "annabel")
    undone = await chain.call("POST", f"/v1/faces/merge/{merged['merge']}/undo")

    assert (undone["into"]["face_id"], undone["pending"]) == ("annabel", False)
    assert (await chain.sees("a", 2))["face_id"] == visitor
    assert (await chain.sees("a", 1))["face_id"] == "annabel"


async def test_the_name_of_one_that_was_merged_away_stays_its_own(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    await chain.enroll("a", 2, "bella")
    await chain.enroll("a", 3, "carla")
    await merge(chain, ("a", "anna"), ("a", "bella"))

    path = "/v1/stores/a/faces/carla/rename"
    assert (await chain.refused("POST", path, json={"face_id": "bella"}))[0] == 409


async def test_while_the_shard_is_down_nothing_changes(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    await chain.stop_shard("a")

    path = "/v1/stores/a/faces/anna/rename"
    assert (await chain.refused("POST", path, json={"face_id": "annabel"}))[0] == 503

    await chain.start_shard("a")
    await chain.healthy("a")
    assert (await chain.sees("a", 1))["face_id"] == "anna"


@pytest.mark.parametrize("shard_told", [False, True])
async def test_a_rename_that_a_crash_cut_short_is_brought_to_its_end(
    tmp_path: Path, shard_told: bool
) -> None:
    """Noted, and perhaps told to the shard, when the gateway ends: the next one goes on."""
    async with running(tmp_path, stores=("a", "b")) as chain:
        await chain.enroll("a", 1, "anna", member_id="m-1")
        visit = (await chain.sees("a", 1))["visit"]["id"]
        await chain.stop_gateway()
        await noted(tmp_path, lambda c: renames.add_rename(c, ("a", "anna"), "annabel", 1))
        if shard_told:
            await told(chain, "anna", "annabel")
        await chain.start_gateway()
        await chain.asked("a")

        seen = await chain.sees("a", 1)

        assert (seen["face_id"], seen["visit"]["id"]) == ("annabel", visit)
        member = await chain.call("GET", "/v1/members/m-1")
        assert member["faces"] == [{"store": "a", "face_id": "annabel", "pending": False}]
        assert await chain.traffic("a") == (1, 1)


async def noted(folder: Path, work: Callable[[Any], Any]) -> None:
    """Do something in the record that no gateway has open."""
    async with Database.at(None, folder) as database:
        await database.write(None, work)


async def told(chain: Chain, face_id: str, name: str) -> None:
    async with plain_http.AsyncClient() as client:
        url = f"http://127.0.0.1:{chain.shards['a'][0].port}/faces/{face_id}/name"
        for _ in range(2):
            answer = await client.put(url, json={"face_id": name})
            assert answer.status_code == 200


async def test_a_face_erased_while_it_is_renamed_is_gone_under_both_names(tmp_path: Path) -> None:
    async with running(tmp_path, stores=("a", "b")) as chain:
        await chain.enroll("a", 1, "anna")
        await chain.sees("a", 1)
        await chain.stop_gateway()
        await noted(tmp_path, lambda c: renames.add_rename(c, ("a", "anna"), "annabel", 1))
        await told(chain, "anna", "annabel")
        for server in chain.shards["a"]:
            await server.stop()
        await chain.start_gateway()

        receipt = await chain.call("DELETE", "/v1/stores/a/faces/anna", 202)
        await chain.start_shard("a")
        await chain.asked("a")

        assert not receipt["complete"]
        assert (await chain.sees("a", 1))["match"] == "new"


async def test_a_frame_that_was_under_way_is_no_new_person(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    await chain.sees("a", 1)
    await rename(chain, "anna", "annabel")

    def names(connection: Any) -> list[str]:
        late = RecognizedFace(
            box=Box(top=0, right=1, bottom=1, left=0), match="home", face_id="anna", store="a"
        )
        now = rename_updates.read_rename(connection, 1).done_at or 0
        return [
            f.face_id or "" for f in current_names.with_current_names(connection, [late], now + 5)
        ]

    await chain.stop_gateway()
    found: list[str] = []
    await noted(chain.folder, lambda connection: found.extend(names(connection)))
    assert found == ["annabel"]
    await chain.start_gateway()


async def test_who_gets_a_former_name_back_is_the_same_person(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    first = await chain.sees("a", 1)

    for former, name in (("anna", "bella"), ("bella", "anna"), ("anna", "carla")):
        await rename(chain, former, name)

        seen = await chain.sees("a", 1)
        assert (seen["face_id"], seen["visit"]["id"]) == (name, first["visit"]["id"])


async def test_a_name_that_was_just_given_up_is_nobody_elses(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna")
    await chain.enroll("a", 2, "zoe")
    await rename(chain, "anna", "bella")
    await rename(chain, "bella", "carla")

    for name in ("anna", "bella"):
        path = f"/v1/stores/a/faces?face_id={name}"
        assert await chain.refused("POST", path, content=picture_of(3)) == (409, "CONFLICT")
        path, body = "/v1/stores/a/faces/zoe/rename", {"face_id": name}
        assert await chain.refused("POST", path, json=body) == (409, "CONFLICT")
