"""Lessons over HTTP: shown where it is certain who came, stored with the visit, and forgotten."""

from typing import Any

import httpx
import pytest

from contract.messages.faces import FaceRecord
from contract.messages.lesson import Lesson
from contract.messages.shard_answers import ShardAnswer, ShardFace
from contract.vectors import from_text, pack
from tests.shard.conftest import StartShard, eventually, ready
from tests.shard.fakes import MODEL, FakeEncoder, picture_of, vector_of

HEADERS = {"X-Face-Model": MODEL}
OTHER_LOOK = "0.3"
"""Another picture of the same person, who is certainly known."""


async def mint(shard: httpx.AsyncClient, person: int) -> str:
    body = pack(vector_of(person)[None, :])
    answer = await shard.post("/faces/mint", content=body, headers=HEADERS)
    face_id: str = answer.json()["faces"][0]["face_id"]
    return face_id


async def sees(
    shard: httpx.AsyncClient, person: int, take: str = OTHER_LOOK, **query: Any
) -> ShardFace:
    picture = picture_of(person, take=take)
    answer = await shard.post("/recognize", params=query, content=picture)
    [face] = ShardAnswer.model_validate(answer.json()).faces
    return face


async def teach(
    shard: httpx.AsyncClient, face_id: str, lesson: Lesson, visit: str, **query: Any
) -> httpx.Response:
    said = {"visit": visit, "quality": lesson.quality, "frames": lesson.frames, **query}
    body = pack(from_text(lesson.vector))
    path = f"/faces/{face_id}/learned"
    return await shard.post(path, params=said, content=body, headers=HEADERS)


async def visits_of(shard: httpx.AsyncClient, face_id: str) -> list[str | None]:
    answer = await shard.get(f"/faces/{face_id}")
    record = FaceRecord.model_validate(answer.json())
    return [template.learned_from for template in record.templates]


async def test_a_certain_visit_is_learned_listed_and_forgotten(shard: httpx.AsyncClient) -> None:
    visitor = await mint(shard, 1)
    face = await sees(shard, 1, learning="visitors")
    assert face.lesson is not None
    assert (face.face_id, face.lesson.model, face.lesson.frames) == (visitor, MODEL, 1)

    answer = await teach(shard, visitor, face.lesson, "17")

    assert answer.json()["learned"] is True
    assert await visits_of(shard, visitor) == [None, "17"]
    better = (await sees(shard, 1)).score
    assert (better or 0) > (face.score or 0)
    for expected in (1, 0):
        forgotten = await shard.delete(f"/faces/{visitor}/learned")
        assert forgotten.json() == {"store": "s", "templates": expected}
    assert await visits_of(shard, visitor) == [None]


@pytest.mark.parametrize(
    ("person", "take", "query"),
    [
        (1, OTHER_LOOK, {}),
        (1, OTHER_LOOK, {"learning": "nobody"}),
        (2, "0.45", {"learning": "everyone", "rate": 0.02}),
        (2, OTHER_LOOK, {"learning": "visitors"}),
        (3, OTHER_LOOK, {"learning": "everyone"}),
        (1, f"{OTHER_LOOK} profile", {"learning": "everyone"}),
    ],
    ids=["not asked", "of nobody", "doubtful", "a member", "a stranger", "in profile"],
)
async def test_there_is_no_lesson(
    shard: httpx.AsyncClient, person: int, take: str, query: dict[str, Any]
) -> None:
    await mint(shard, 1)
    await shard.post("/faces", params={"face_id": "anna"}, content=picture_of(2))

    face = await sees(shard, person, take, **query)

    assert face.lesson is None
    assert (face.face_id is None) == (person == 3)


async def test_a_track_teaches_what_its_frames_say_together(shard: httpx.AsyncClient) -> None:
    await mint(shard, 1)

    for take in ("0.2", "0.25", "0.3"):
        face = await sees(shard, 1, take, learning="visitors", track="t")

    assert face.lesson is not None
    assert face.lesson.frames == 3


async def test_who_is_not_certainly_it_any_more_learns_nothing(shard: httpx.AsyncClient) -> None:
    visitor = await mint(shard, 1)
    lesson = (await sees(shard, 1, learning="visitors")).lesson
    assert lesson is not None
    binding = {"member_id": "m-1", "cross_store": False}
    await shard.put("/bindings", json={"faces": {visitor: binding}})

    answer = await teach(shard, visitor, lesson, "17")

    assert answer.json()["learned"] is False
    assert (await teach(shard, "v-gone", lesson, "17")).status_code == 404
    assert (await teach(shard, visitor, lesson, "17", learning="everyone")).json()["learned"]


async def test_a_replica_learns_what_the_writer_did(
    start_shard: StartShard, shard: httpx.AsyncClient
) -> None:
    visitor = await mint(shard, 1)
    lesson = (await sees(shard, 1, learning="visitors")).lesson
    assert lesson is not None
    replica = await start_shard(FakeEncoder(), read_only=True)
    await ready(replica)

    assert (await teach(replica, visitor, lesson, "17")).status_code == 409
    await teach(shard, visitor, lesson, "17")

    async def followed() -> bool:
        counts = (await replica.get("/status")).json()["counts"]
        return bool(counts["templates"] == 2)

    await eventually(followed)
    assert (await sees(replica, 1)).score == (await sees(shard, 1)).score


async def test_what_was_learned_because_it_is_alike_measures_nothing(
    shard: httpx.AsyncClient,
) -> None:
    visitor = await mint(shard, 1)
    await mint(shard, 2)
    lesson = (await sees(shard, 1, learning="visitors")).lesson
    assert lesson is not None
    await teach(shard, visitor, lesson, "17")

    calibration = (await shard.get("/calibration")).json()

    assert (calibration["faces"], calibration["several"]) == (2, 0)
