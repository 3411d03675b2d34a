"""A shard tells a directory what happens to members whom other stores may find."""

import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.stores.stored_galleries import gallery_file
from contract.vectors import Vector, from_text
from scoring.cohort import fuse
from shard.gallery.indexing.stored_places import placing_number
from tests.shard.conftest import RunningShard
from tests.shard.fakes import MODEL, picture_of, vector_of


async def enroll(shard: RunningShard, face_id: str, person: int, take: str = "") -> None:
    answer = await shard.post(
        "/faces", params={"face_id": face_id}, content=picture_of(person, take=take)
    )
    assert answer.status_code == 201, answer.text


async def changes(shard: RunningShard, after: int = 0, limit: int = 200) -> dict[str, Any]:
    answer = await shard.get("/roaming", params={"after": after, "limit": limit})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def vectors(answer: dict[str, Any]) -> dict[int, Vector]:
    return {face["number"]: from_text(face["vector"]) for face in answer["faces"]}


async def followed(shard: RunningShard, limit: int = 2) -> dict[int, Vector]:
    """Return whom a directory has that takes over page by page."""
    known: dict[int, Vector] = {}
    after = 0
    while True:
        page = await changes(shard, after, limit)
        assert len(page["faces"]) <= limit
        for number in page["gone"]:
            known.pop(number, None)
        known |= vectors(page)
        if page["seq"] == page["last"]:
            return known
        assert page["seq"] > after
        after = page["seq"]


async def test_members_are_told_by_their_mean_vectors(shard: RunningShard) -> None:
    await enroll(shard, "anna", 1)
    await enroll(shard, "anna", 1, "0.2")
    await enroll(shard, "bob", 2)

    answer = await changes(shard)

    assert (answer["store"], answer["model"], answer["gone"]) == ("s", MODEL, [])
    assert answer["seq"] == answer["last"] == (await shard.get("/status")).json()["seq"]
    anna, bob = vectors(answer).values()
    np.testing.assert_allclose(anna, fuse([vector_of(1), vector_of(1, 0.2)]), atol=1e-6)
    np.testing.assert_allclose(bob, vector_of(2), atol=1e-6)
    places = [face["place"] for face in answer["faces"]]
    assert all(deviation > 0 for _, deviation in places)


async def test_a_place_that_is_stored_is_told_and_one_that_is_outdated_is_not(
    shard: RunningShard, tmp_path: Path
) -> None:
    await enroll(shard, "anna", 1)
    await enroll(shard, "bob", 2)
    told = await changes(shard)
    with sqlite3.connect(gallery_file(tmp_path / "data", "s")) as connection:
        connection.execute(
            "INSERT OR REPLACE INTO places SELECT number, ?, seq, 0.25, 0.06 FROM faces",
            [placing_number(told["model"], told["cohort"])],
        )

    assert [face["place"] for face in (await changes(shard))["faces"]] == [[0.25, 0.06]] * 2

    await enroll(shard, "anna", 1, "0.2")
    [anna, bob] = sorted((await changes(shard))["faces"], key=lambda face: face["number"])
    assert bob["place"] == [0.25, 0.06]
    assert anna["place"][0] != 0.25


async def test_nothing_is_told_twice(shard: RunningShard) -> None:
    await enroll(shard, "anna", 1)
    first = await changes(shard)
    await enroll(shard, "bob", 2)

    second = await changes(shard, first["seq"])
    third = await changes(shard, second["seq"])

    assert len(second["faces"]) == 1
    assert (third["faces"], third["gone"], third["seq"]) == ([], [], second["seq"])


async def test_a_new_picture_changes_the_vector_under_the_same_number(shard: RunningShard) -> None:
    await enroll(shard, "anna", 1)
    first = await changes(shard)
    await enroll(shard, "anna", 1, "0.2")

    again = await changes(shard, first["seq"])

    assert vectors(again).keys() == vectors(first).keys()
    [mean] = vectors(again).values()
    np.testing.assert_allclose(mean, fuse([vector_of(1), vector_of(1, 0.2)]), atol=1e-6)


@pytest.mark.parametrize("how", ["erased", "stays at home", "unbound"])
async def test_who_may_not_be_found_any_more_is_gone(shard: RunningShard, how: str) -> None:
    visitor = (await shard.post("/recognize?mint=true", content=picture_of(3))).json()
    assert visitor["faces"]
    await enroll(shard, "anna", 1)
    before = await changes(shard)
    [number] = vectors(before)

    if how == "erased":
        assert (await shard.delete("/faces/anna")).status_code == 200
    elif how == "stays at home":
        body = {"faces": {"anna": {"member_id": "m-1", "cross_store": False}}}
        assert (await shard.put("/bindings", json=body)).status_code == 200
    else:
        body = {"faces": {"anna": {"member_id": "m-1", "cross_store": False}}}
        assert (await shard.put("/bindings", json=body)).status_code == 200
        assert (await shard.put("/bindings", json={"faces": {"anna": None}})).status_code == 200

    after = await changes(shard, before["seq"])
    assert number in after["gone"]
    assert after["faces"] == []


async def test_whoever_follows_page_by_page_has_what_there_is(shard: RunningShard) -> None:
    for person in range(1, 8):
        await enroll(shard, f"m-{person}", person)
    await shard.delete("/faces/m-3")
    await enroll(shard, "m-1", 1, "0.2")

    assert (await followed(shard)).keys() == vectors(await changes(shard)).keys()
    assert len(await followed(shard)) == 6


async def test_a_number_before_the_first_is_refused(shard: RunningShard) -> None:
    assert (await shard.get("/roaming", params={"after": -1})).status_code == 422
