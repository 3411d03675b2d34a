"""A shard says which of its visitors are one person, and hands out the vectors of all."""

from typing import Any

import httpx
import numpy as np
import pytest

from contract.errors import NotReady
from contract.vectors import Vector, from_text, pack
from scoring.cohort import unit
from shard.threads import SharedThreads, Threads
from tests.shard.conftest import RunningShard
from tests.shard.fakes import MODEL, vector_of


async def mint(shard: httpx.AsyncClient, *vectors: Vector, **query: Any) -> str:
    """Make one visitor's FaceId of these vectors, whoever is like them."""
    path = "/faces/mint" if query else "/faces/apart"
    headers, body = {"X-Face-Model": MODEL}, pack(np.stack(vectors))
    answer = (await shard.post(path, params=query, headers=headers, content=body)).json()
    return str(answer["faces"][0]["face_id"] if query else answer["face_id"])


async def look(shard: httpx.AsyncClient) -> dict[str, Any]:
    answer = await shard.get("/visitors/alike")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_visitors_who_are_one_person_are_one_group_the_oldest_first(
    shard: RunningShard,
) -> None:
    first = await mint(shard, vector_of(1))
    await mint(shard, vector_of(2))
    again = await mint(shard, vector_of(1, 0.05))
    later = await mint(shard, vector_of(1, -0.05))

    found = await look(shard)

    assert (found["visitors"], found["store"], found["divided"]) == (4, "s", [])
    [group] = found["groups"]
    assert group["face_ids"] == [first, again, later]
    assert group["score"] > found["limit"]


async def test_who_was_told_apart_stays_apart(shard: RunningShard) -> None:
    one, two = await mint(shard, vector_of(1)), await mint(shard, vector_of(1, 0.05))
    assert (await shard.put(f"/faces/{one}/not", json={"other": two})).status_code == 200

    assert (await look(shard))["groups"] == []


async def test_members_and_provisional_visitors_are_left_out(shard: RunningShard) -> None:
    await mint(shard, vector_of(1), provisional=True)
    await mint(shard, vector_of(1, 0.05))
    bound = await mint(shard, vector_of(1, -0.05))
    body = {"faces": {bound: {"member_id": "m-1", "cross_store": True}}}
    assert (await shard.put("/bindings", json=body)).status_code == 200

    found = await look(shard)

    assert (found["visitors"], found["groups"]) == (1, [])


async def test_a_faceid_of_two_people_is_told(shard: RunningShard) -> None:
    mixed = await mint(shard, vector_of(1), vector_of(1, 0.02), -vector_of(1))
    await mint(shard, vector_of(2), vector_of(2, 0.02))

    [divided] = (await look(shard))["divided"]

    assert divided["face_id"] == mixed
    assert divided["score"] < 0


async def test_nobody_is_alike_where_nobody_is(shard: RunningShard) -> None:
    found = await look(shard)

    assert (found["visitors"], found["groups"], found["divided"]) == (0, [], [])


async def test_the_vectors_of_visitors_come_in_pages_with_their_places(shard: RunningShard) -> None:
    vectors = {await mint(shard, vector_of(n), vector_of(n, 0.1)): n for n in (1, 2, 3)}

    pages = []
    after = ""
    while page := (
        await shard.get("/visitors/vectors", params={"after": after, "limit": 2})
    ).json()["faces"]:
        pages.append(page)
        after = page[-1]["face_id"]

    faces = [face for page in pages for face in page]
    assert [len(page) for page in pages] == [2, 1]
    assert [face["face_id"] for face in faces] == sorted(vectors)
    for face in faces:
        person = vectors[face["face_id"]]
        mean = unit(vector_of(person) + vector_of(person, 0.1))
        np.testing.assert_allclose(from_text(face["vector"]), mean, atol=1e-6)
        assert face["place"][1] > 0


async def test_how_alike_two_visitors_have_to_be_grows_with_all_who_are_compared(
    shard: RunningShard,
) -> None:
    answers = [
        (await shard.get("/visitors/vectors", params={"among": among})).json()
        for among in (0, 260, 20_000)
    ]

    assert [answer["needed"] for answer in answers] == [3.2, 3.2, pytest.approx(8.4, abs=0.05)]


async def test_long_work_ends_with_the_threads() -> None:
    threads = Threads(SharedThreads())

    def work(rest: Any) -> None:
        rest()
        threads.stop_long()
        rest()

    with pytest.raises(NotReady):
        await threads.long(None, work)
    threads.close()
