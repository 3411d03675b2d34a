"""What the gateway has done to FaceIds: bound with consent, merged, told apart, erased."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from contract.vectors import from_text, pack
from tests.gateway.people.chain import everything_in, vectors_set_aside
from tests.shard.conftest import RunningShard, StartShard, eventually, ready
from tests.shard.fakes import MODEL, FakeEncoder, picture_of, vector_of

HEADERS = {"X-Face-Model": MODEL}


async def enroll(shard: httpx.AsyncClient, person: int, face_id: str, **query: Any) -> None:
    answer = await shard.post(
        "/faces", params={"face_id": face_id, **query}, content=picture_of(person)
    )
    assert answer.status_code == 201, answer.text


async def mint(shard: httpx.AsyncClient, person: int, **query: Any) -> str:
    body = pack(vector_of(person)[None, :])
    answer = await shard.post("/faces/mint", params=query, content=body, headers=HEADERS)
    face_id: str = answer.json()["faces"][0]["face_id"]
    return face_id


async def bind(shard: httpx.AsyncClient, face_id: str, cross_store: bool) -> httpx.Response:
    binding = {"member_id": "m-1", "cross_store": cross_store}
    return await shard.put("/bindings", json={"faces": {face_id: binding}})


async def read(shard: httpx.AsyncClient, face_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await shard.get(f"/faces/{face_id}")).json()
    return found


async def result(shard: httpx.AsyncClient, person: int) -> str | None:
    answer = await shard.post("/recognize", content=picture_of(person))
    face_id: str | None = answer.json()["result"]
    return face_id


async def found_from_outside(shard: httpx.AsyncClient, person: int, scope: str) -> list[str]:
    body = np.stack([vector_of(person)]).tobytes()
    answer = await shard.post(
        "/search?k=20", params={"scope": scope}, content=body, headers=HEADERS
    )
    [candidates] = answer.json()["results"]
    return [candidate["face_id"] for candidate in candidates if candidate["passes"]]


async def test_a_store_says_which_of_some_faces_it_has(shard: RunningShard) -> None:
    for person, face_id in enumerate(["anna", "bo"]):
        await enroll(shard, person, face_id)

    asked = {"face_ids": ["nobody", "bo", "anna", "bo"]}
    answer = await shard.post("/known-faces", json=asked)

    assert answer.json()["face_ids"] == ["anna", "bo"]
    assert (await shard.post("/known-faces", json={"face_ids": ["x"]})).json()["face_ids"] == []


async def test_a_bound_visitor_is_a_member_with_the_same_templates(shard: RunningShard) -> None:
    visitor = await mint(shard, 1, provisional=True)

    await bind(shard, visitor, True)
    record = await read(shard, visitor)

    assert (record["kind"], record["member"]["member_id"]) == ("member", "m-1")
    assert not record["provisional"]
    assert len(record["templates"]) == 1
    assert await found_from_outside(shard, 1, "members") == [visitor]


@pytest.mark.parametrize("scope", ["members", "everyone"])
async def test_without_consent_other_stores_never_find_a_member(
    start_shard: StartShard, scope: str
) -> None:
    shard = await start_shard()
    await ready(shard)
    replica = await start_shard(read_only=True)
    await ready(replica)
    await enroll(shard, 1, "shy", member_id="m-1", cross_store="false")
    await enroll(shard, 2, "open", member_id="m-2", cross_store="true")

    async def followed() -> bool:
        return await result(replica, 2) == "open"

    await eventually(followed)

    for one in (shard, replica):
        assert await result(one, 1) == "shy"
        assert await found_from_outside(one, 1, scope) == []
        assert await found_from_outside(one, 2, scope) == ["open"]
    await shard.stop()
    again = await start_shard()
    await ready(again)
    assert await result(again, 1) == "shy"
    assert await found_from_outside(again, 1, scope) == []


async def test_consent_can_be_withdrawn_and_given_again(shard: RunningShard) -> None:
    await enroll(shard, 1, "a", member_id="m-1", cross_store="true")

    for consent in (False, True, False):
        await bind(shard, "a", consent)
        assert await found_from_outside(shard, 1, "members") == (["a"] if consent else [])


async def test_unbinding_makes_a_minted_face_a_visitor_again(shard: RunningShard) -> None:
    visitor = await mint(shard, 1)
    await enroll(shard, 2, "named", member_id="m-2", cross_store="false")
    await bind(shard, visitor, True)

    order = {"faces": {visitor: None, "named": None, "nobody": None}}
    answer = (await shard.put("/bindings", json=order)).json()

    assert answer["face_ids"] == ["named", visitor]
    minted, named = await read(shard, visitor), await read(shard, "named")
    assert (minted["kind"], minted["member"]) == ("visitor", None)
    assert (named["kind"], named["member"], named["cross_store"]) == ("member", None, False)


async def test_a_merge_moves_templates_and_can_be_undone(shard: RunningShard) -> None:
    await enroll(shard, 1, "a", member_id="m-1")
    visitor = await mint(shard, 2)
    order = {"into": "a", "source": visitor}

    moved = [(await shard.put("/merges/17", json=order)).json()["templates"] for _ in range(2)]

    assert moved == [1, 1]
    assert await result(shard, 2) == "a"
    assert (await shard.get(f"/faces/{visitor}")).status_code == 404

    back = [(await shard.delete("/merges/17")).json()["templates"] for _ in range(2)]
    assert back == [1, 0]
    assert (await result(shard, 1), await result(shard, 2)) == ("a", visitor)
    assert (await shard.get(f"/faces/{visitor}")).json()["kind"] == "visitor"


async def test_who_is_another_stores_is_set_aside_until_that_is_undone(shard: RunningShard) -> None:
    visitor = await mint(shard, 2, provisional=True)
    order = {"into": None, "source": visitor}

    moved = [(await shard.put("/merges/17", json=order)).json()["templates"] for _ in range(2)]

    assert moved == [1, 1]
    assert await result(shard, 2) is None
    assert (await shard.get(f"/faces/{visitor}")).status_code == 404
    assert (await shard.get("/provisional")).json()["faces"] == []

    back = [(await shard.delete("/merges/17")).json()["templates"] for _ in range(2)]
    assert back == [1, 0]
    assert await result(shard, 2) == visitor
    # Somebody has decided who it is: it is not to be found out again.
    assert not (await shard.get(f"/faces/{visitor}")).json()["provisional"]


@pytest.mark.parametrize("how", ["erased", "expired"])
async def test_of_who_was_set_aside_nothing_is_left_in_the_file(
    shard: RunningShard, tmp_path: Path, how: str
) -> None:
    visitor = await mint(shard, 2)
    await shard.put("/merges/17", json={"into": None, "source": visitor})
    await shard.delete("/set-aside", params={"before": "2020-01-01T00:00:00Z"})
    [vector] = vectors_set_aside(tmp_path)
    assert vector in everything_in(tmp_path)

    if how == "erased":
        answer = await shard.post("/erase", json={"face_ids": [visitor]})
        assert answer.json()["erased"] == {visitor: 1}
    else:
        answer = await shard.delete("/set-aside", params={"before": "2999-01-01T08:00:00+08:00"})
        assert answer.json()["templates"] == 1

    assert vector not in everything_in(tmp_path)
    assert (await shard.delete("/merges/17")).json()["templates"] == 0
    assert await result(shard, 2) is None


async def test_what_was_erased_is_not_brought_back_by_undoing_its_merge(
    shard: RunningShard,
) -> None:
    await enroll(shard, 1, "a")
    visitor = await mint(shard, 2)
    await shard.put("/merges/17", json={"into": "a", "source": visitor})

    erased = (await shard.post("/erase", json={"face_ids": [visitor]})).json()["erased"]
    await shard.delete("/merges/17")

    assert erased == {visitor: 1}
    assert await result(shard, 2) is None
    assert await result(shard, 1) == "a"


async def test_erasing_takes_all_faces_of_a_member_and_says_the_change(
    shard: RunningShard,
) -> None:
    await enroll(shard, 1, "a", member_id="m-1")
    await enroll(shard, 2, "b", member_id="m-1")
    await enroll(shard, 3, "c", member_id="m-2")

    answer = (await shard.post("/erase", json={"face_ids": ["x"], "member_id": "m-1"})).json()

    assert answer["erased"] == {"x": 0, "a": 1, "b": 1}
    assert answer["seq"] == (await shard.get("/status")).json()["seq"]
    assert [await result(shard, person) for person in (1, 2, 3)] == [None, None, "c"]


async def test_nothing_erased_is_left_in_the_files(start_shard: StartShard, tmp_path: Path) -> None:
    shard = await start_shard()
    await ready(shard)
    replica = await start_shard(read_only=True)
    await ready(replica)
    await enroll(shard, 7, "a", member_id="m-1")

    await shard.post("/erase", json={"face_ids": ["a"]})

    assert vector_of(7).tobytes() not in everything_in(tmp_path)


async def test_provisional_faces_are_listed_with_vectors_until_confirmed(
    shard: RunningShard,
) -> None:
    visitor = await mint(shard, 1, provisional=True)
    await mint(shard, 2)

    listed = (await shard.get("/provisional")).json()
    [face] = listed["faces"]
    await shard.post(f"/faces/{visitor}/confirm")

    assert (listed["model"], face["face_id"]) == (MODEL, visitor)
    assert np.allclose(from_text(face["vectors"][0]), vector_of(1), atol=1e-6)
    assert (await shard.get("/provisional")).json()["faces"] == []
    assert (await shard.get("/status")).json()["counts"]["provisional"] == 0


async def test_old_visitors_are_listed_by_the_time_they_were_made(shard: RunningShard) -> None:
    await enroll(shard, 1, "member")
    names = sorted([await mint(shard, 2), await mint(shard, 3)])

    async def before(moment: str, **query: Any) -> list[str]:
        answer = await shard.get("/visitors", params={"created_before": moment, **query})
        found: list[str] = answer.json()["face_ids"]
        return found

    assert await before("2020-01-01T00:00:00.000+00:00") == []
    assert await before("2999-01-01T00:00:00.000+00:00") == names
    assert await before("2999-01-01t00:00:00z", after=names[0]) == names[1:]
    # An hour ago, by a clock whose offset makes its digits the greater.
    east = datetime.now(UTC).astimezone(timezone(timedelta(hours=14))) - timedelta(hours=1)
    assert await before(east.isoformat()) == []


def _store_creation(folder: Path, created_at: str) -> None:
    [file] = folder.rglob("gallery.sqlite3")
    with closing(sqlite3.connect(file)) as gallery, gallery:
        gallery.execute("UPDATE faces SET created_at = ?", [created_at])


@pytest.mark.parametrize("offset", ["Z", "+00:00"])
async def test_a_moment_is_compared_as_such_in_whichever_format_it_comes(
    shard: RunningShard, tmp_path: Path, offset: str
) -> None:
    visitor = await mint(shard, 2)
    _store_creation(tmp_path, "2026-05-04T09:30:00.500+00:00")  # as every release has stored it

    async def before(moment: str) -> list[str]:
        answer = await shard.get("/visitors", params={"created_before": f"{moment}{offset}"})
        found: list[str] = answer.json()["face_ids"]
        return found

    assert await before("2026-05-04T09:30:00.500") == []
    assert await before("2026-05-04T09:30:00.501") == [visitor]


@pytest.mark.parametrize("text", ["", "zzz", "2999-01-01", "2999-01-01T00:00:00", "2999-W01-1"])
async def test_a_time_that_is_none_expires_nothing(shard: RunningShard, text: str) -> None:
    await enroll(shard, 1, "a")
    visitor = await mint(shard, 2)
    await shard.put("/merges/17", json={"into": None, "source": visitor})

    for method, path, name in [
        ("DELETE", "/set-aside", "before"),
        ("GET", "/visitors", "created_before"),
    ]:
        answer = await shard.request(method, path, params={name: text})
        assert (answer.status_code, answer.json()["code"]) == (400, "BAD_TIME")

    assert (await shard.delete("/merges/17")).json()["templates"] == 1


async def test_a_face_as_much_like_both_is_the_one_that_is_not_the_other(
    start_shard: StartShard,
) -> None:
    shard = await start_shard(FakeEncoder())
    await ready(shard)
    await enroll(shard, 1, "x")
    await enroll(shard, 1, "y", force="true")
    assert await result(shard, 1) == "x"

    await shard.put("/faces/y/not", json={"other": "x"})

    assert await result(shard, 1) == "y"
    assert await found_from_outside(shard, 1, "members") == ["y"]


async def test_a_replica_refuses_updates(start_shard: StartShard) -> None:
    await ready(await start_shard())
    replica = await start_shard(read_only=True)
    await ready(replica)

    answers = [
        await bind(replica, "a", True),
        await replica.post("/erase", json={"face_ids": ["a"]}),
        await replica.put("/merges/1", json={"into": "a", "source": "b"}),
    ]

    assert {answer.json()["code"] for answer in answers} == {"READ_ONLY_REPLICA"}


async def test_unknown_faces_cannot_be_bound_or_merged(shard: RunningShard) -> None:
    await enroll(shard, 1, "a")

    merged = await shard.put("/merges/1", json={"into": "a", "source": "nobody"})

    assert merged.json()["code"] == "UNKNOWN_FACE"
    assert (await bind(shard, "nobody", True)).json()["face_ids"] == []
