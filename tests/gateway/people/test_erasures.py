"""What is erased is gone from every file and answer, and stays gone; the receipt says who knows."""

from pathlib import Path
from typing import Any

import pytest

from tests.gateway.fake_chain import until
from tests.gateway.people.chain import Chain, everything_in, running
from tests.shard.fakes import vector_of

NAME = "Zoë Ångström-张三"


async def member_of_two_stores(chain: Chain) -> None:
    """Make `m-1` known by person 1 in `a` and by person 2 in `b`, with visits to three stores."""
    await chain.put_member("m-1", True, name=NAME, tags=["vip"], profile={"note": "likes tea"})
    await chain.enroll("a", 1, "anna", member_id="m-1")
    await chain.enroll("b", 2, "anne", member_id="m-1")
    for store, person in (("a", 1), ("b", 2), ("c", 1)):
        await chain.sees(store, person, camera="door", frame=f"{store}{person}")
    await chain.sees("a", 5)


async def erase(chain: Chain, member_id: str = "m-1", status: int = 200) -> dict[str, Any]:
    receipt: dict[str, Any] = await chain.call(
        "DELETE", f"/v1/members/{member_id}", status, params={"erase": True}
    )
    return receipt


async def test_a_member_is_erased_in_every_store_and_file(chain: Chain, tmp_path: Path) -> None:
    await member_of_two_stores(chain)
    before = await chain.traffic()

    receipt = await erase(chain)

    stores = {part["store"]: part for part in receipt["stores"]}
    assert receipt["complete"]
    assert stores["a"]["faces"] == [{"face_id": "anna", "templates": 1}]
    assert stores["b"]["faces"] == [{"face_id": "anne", "templates": 1}]
    assert stores["c"]["faces"] == []
    assert all(part["confirmed"] and part["seq"] is not None for part in stores.values())
    assert await chain.call("GET", f"/v1/erasures/{receipt['erasure']}") == receipt
    found = everything_in(tmp_path)
    for trace in (NAME, "likes tea", "vip"):
        assert trace.encode() not in found
    for person in (1, 2):
        assert vector_of(person).tobytes() not in found
    assert b'"anna"' not in found  # as an answer or an event would have it
    assert await chain.traffic() == before == (4, 2)
    assert await chain.refused("GET", "/v1/members/m-1") == (404, "UNKNOWN_MEMBER")
    assert (await chain.sees("a", 1, mint=False))["match"] == "unknown"
    assert (await chain.sees("c", 2, mint=False))["match"] == "unknown"


async def test_a_frame_sent_again_does_not_bring_anybody_back(chain: Chain) -> None:
    await member_of_two_stores(chain)
    counted = await chain.traffic()
    await erase(chain)

    again = await chain.sees("c", 1, camera="door", frame="c1")

    assert (again["match"], again["face_id"], again["member"]) == ("unknown", None, None)
    assert again["visit"] is None
    assert await chain.traffic() == counted


async def test_the_till_shows_nobody_where_the_erased_stood(chain: Chain) -> None:
    await member_of_two_stores(chain)
    await erase(chain)

    present = await chain.call("GET", "/v1/stores/a/present")

    assert NAME not in str(present)
    assert "anna" not in str(present)


async def test_a_shard_that_is_down_erases_when_it_is_back(chain: Chain, tmp_path: Path) -> None:
    await member_of_two_stores(chain)
    await chain.stop_shard("a")

    receipt = await erase(chain, status=202)

    stores = {part["store"]: part for part in receipt["stores"]}
    assert not receipt["complete"]
    assert not stores["a"]["confirmed"]
    assert "a" in stores["a"]["waiting_for"]
    assert stores["b"]["confirmed"]
    await chain.stop_gateway()
    await chain.start_shard("a")
    await chain.start_gateway()
    # From the first answer on, although nobody has told the shard yet.
    assert (await chain.sees("a", 1, mint=False))["match"] == "unknown"
    assert (await chain.sees("c", 1, mint=False))["match"] == "unknown"

    async def complete() -> bool:
        now = await chain.call("GET", f"/v1/erasures/{receipt['erasure']}")
        return bool(now["complete"])

    await until(complete)
    assert vector_of(1).tobytes() not in everything_in(tmp_path)
    await chain.asked("a")
    assert (await chain.sees("a", 1, mint=False))["match"] == "unknown"


async def test_a_receipt_waits_for_every_replica(tmp_path: Path) -> None:
    async with running(tmp_path, replicas={"a": 1}) as chain:
        await chain.enroll("a", 1, "anna")

        receipt = await chain.call("DELETE", "/v1/stores/a/faces/anna")

        [part] = receipt["stores"]
        [replica] = part["replicas"]
        assert (receipt["store"], receipt["face_id"], receipt["templates"]) == ("a", "anna", 1)
        assert replica["reached"]
        assert replica["seq"] >= part["seq"]
        for _ in range(4):
            assert (await chain.sees("a", 1, mint=False))["match"] == "unknown"


async def test_a_replica_that_is_gone_is_named_in_the_receipt(tmp_path: Path) -> None:
    async with running(tmp_path, replicas={"a": 1}) as chain:
        await chain.enroll("a", 1, "anna")
        replica = chain.shards["a"][1]
        await replica.stop()

        receipt = await chain.call("DELETE", "/v1/stores/a/faces/anna", 202)

        [part] = receipt["stores"]
        assert part["waiting_for"] == f"the replicas 127.0.0.1:{replica.port}"
        assert part["faces"] == [{"face_id": "anna", "templates": 1}]


async def test_one_face_of_a_member_can_be_erased(chain: Chain) -> None:
    await member_of_two_stores(chain)

    await chain.call("DELETE", "/v1/stores/b/faces/anne")

    member = await chain.call("GET", "/v1/members/m-1")
    assert [face["face_id"] for face in member["faces"]] == ["anna"]
    assert member["visits"]["count"] == 2
    assert (await chain.traffic())[0] == 4


async def test_faces_that_only_the_shard_knows_as_the_members_are_erased(chain: Chain) -> None:
    await chain.put_member("m-1", True)
    port = chain.shards["c"][0].port
    answer = await chain.http.post(
        f"http://127.0.0.1:{port}/faces?face_id=left&member_id=m-1", content=b"faces 3"
    )
    assert answer.status_code == 201

    receipt = await erase(chain)

    stores = {part["store"]: part["faces"] for part in receipt["stores"]}
    assert stores["c"] == [{"face_id": "left", "templates": 1}]


@pytest.mark.parametrize("path", ["/v1/stores/a/faces/x", "/v1/members/x?erase=true"])
async def test_what_nobody_knows_cannot_be_erased(chain: Chain, path: str) -> None:
    assert (await chain.refused("DELETE", path))[0] == 404


async def test_who_was_erased_may_come_as_somebody_new(chain: Chain) -> None:
    await member_of_two_stores(chain)
    await erase(chain)

    assert (await chain.sees("a", 1))["match"] == "new"
    await chain.enroll("a", 3, "anna", member_id="m-1")
    assert (await chain.sees("a", 3))["member"] == {"member_id": "m-1", "name": None, "tags": []}
    assert (await chain.call("GET", "/v1/members/m-1"))["visits"]["count"] == 1


async def listed(chain: Chain, **asked: Any) -> list[str]:
    """Return the erasures of all pages, of which each has two at most."""
    found: list[str] = []
    after: dict[str, Any] = {}
    while True:
        page = await chain.call("GET", "/v1/erasures", params={**asked, **after, "limit": 2})
        found += [erasure["erasure"] for erasure in page["erasures"]]
        if page["next_after"] is None:
            return found
        after = {"after": page["next_after"]}


async def test_receipts_are_found_again(chain: Chain) -> None:
    await member_of_two_stores(chain)
    first = (await erase(chain))["erasure"]
    for person in (6, 7, 8):
        await chain.enroll("a", person, f"face-{person}")
    others = [
        (await chain.call("DELETE", f"/v1/stores/a/faces/face-{person}"))["erasure"]
        for person in (6, 7, 8)
    ]

    assert await listed(chain) == [*reversed(others), first]
    assert await listed(chain, member_id="m-1") == [first]
    assert await listed(chain, face_id="face-7") == [others[1]]
    assert await listed(chain, store="c") == [first]
    assert await listed(chain, store="c", face_id="anna") == []
    assert await listed(chain, complete=False) == []
    assert await listed(chain, complete=True) == [*reversed(others), first]
    assert await listed(chain, member_id="m-2") == []
    [summary] = (await chain.call("GET", "/v1/erasures", params={"member_id": "m-1"}))["erasures"]
    receipt = await chain.call("GET", f"/v1/erasures/{first}")
    assert summary == {**{k: receipt[k] for k in summary if k in receipt}, "waiting_for": []}


async def test_an_open_receipt_says_which_stores_are_waited_for(chain: Chain) -> None:
    await member_of_two_stores(chain)
    await chain.stop_shard("b")

    receipt = await erase(chain, status=202)

    found = await chain.call("GET", "/v1/erasures", params={"complete": False})
    assert [(e["erasure"], e["waiting_for"]) for e in found["erasures"]] == [
        (receipt["erasure"], ["b"])
    ]
    assert await listed(chain, complete=True) == []
