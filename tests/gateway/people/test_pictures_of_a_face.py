"""The pictures of one FaceId: listed and removed one by one, over gateway and shards."""

from pathlib import Path

from tests.gateway.people.chain import Chain, running
from tests.shard.fakes import picture_of


async def test_a_picture_is_removed_and_nobody_is_recognised_by_it(tmp_path: Path) -> None:
    async with running(tmp_path, replicas={"a": 1}, stores=("a",)) as chain:
        await chain.enroll("a", 1, "anna")
        wrong = await chain.enroll("a", 2, "anna", force=True)
        path = f"/v1/stores/a/faces/anna/templates/{wrong['template_id']}"

        removed = await chain.call("DELETE", path)

        assert (removed["face_id"], removed["templates"]) == ("anna", 1)
        for _ in range(4):  # whichever replica is asked
            assert (await chain.sees("a", 2, mint=False))["match"] == "unknown"
        listed = await chain.call("GET", "/v1/stores/a/faces/anna")
        assert len(listed["templates"]) == 1
        assert await chain.refused("DELETE", path) == (404, "UNKNOWN_TEMPLATE")
        last = f"/v1/stores/a/faces/anna/templates/{listed['templates'][0]['template_id']}"
        assert await chain.refused("DELETE", last) == (409, "LAST_TEMPLATE")


async def test_a_doubt_reaches_whoever_enrols_with_its_warnings(chain: Chain) -> None:
    await chain.enroll("a", 1, "anna", member_id="m-1")
    before = await chain.call("GET", "/v1/members")

    answer = await chain.http.post(
        "/v1/stores/a/faces",
        params={"face_id": "anne", "member_id": "m-2"},
        content=picture_of(1, take="0.1"),
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "ALREADY_ENROLLED")
    [warning] = answer.json()["warnings"]
    assert (warning["face_id"], warning["member"]["member_id"]) == ("anna", "m-1")
    assert await chain.call("GET", "/v1/members") == before
    assert await chain.refused("GET", "/v1/stores/a/faces/anne") == (404, "UNKNOWN_FACE")
    forced = await chain.enroll("a", 1, "anne", member_id="m-2", force=True)
    assert [each["code"] for each in forced["warnings"]] == ["ALREADY_ENROLLED"]
