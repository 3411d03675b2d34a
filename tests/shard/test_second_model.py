"""A shard with two models over HTTP: both are kept up, and either one is searched."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.messages.cluster import ShardStatus
from contract.messages.second_model import SecondModelStatus
from contract.messages.shard_answers import SearchAnswer, ShardAnswer, ShardFace
from contract.vectors import from_text, pack
from encoder import VectorModel
from tests.shard.conftest import StartShard, eventually, ready
from tests.shard.fakes import (
    DIMENSION,
    MODEL,
    SECOND,
    changed_over,
    picture_of,
    two_models,
    vector_of,
)

BOTH = f"{MODEL}, {SECOND.model}"
OTHER_LOOK = "0.3"


@pytest.fixture
async def shard(start_shard: StartShard) -> httpx.AsyncClient:
    client = await start_shard(two_models())
    await ready(client)
    return client


async def second_status(shard: httpx.AsyncClient) -> SecondModelStatus:
    status = ShardStatus.model_validate((await shard.get("/status")).json())
    assert status.second is not None
    return status.second


async def sees(shard: httpx.AsyncClient, person: int, take: str = "", **query: Any) -> ShardFace:
    content = picture_of(person, take=take)
    answer = await shard.post("/recognize", params=query, content=content)
    [face] = ShardAnswer.model_validate(answer.json()).faces
    return face


async def enroll(shard: httpx.AsyncClient, face_id: str, person: int) -> None:
    answer = await shard.post("/faces", params={"face_id": face_id}, content=picture_of(person))
    assert answer.status_code in {200, 201}, answer.text


async def mint(shard: httpx.AsyncClient, person: int) -> httpx.Response:
    pair = pack(vector_of(person)) + pack(vector_of(person, dimension=SECOND.dimension))
    return await shard.post("/faces/mint", content=pair, headers={"X-Face-Model": BOTH})


async def found(shard: httpx.AsyncClient, model: VectorModel, person: int) -> list[str]:
    """Return whom a search by a model's vector finds."""
    body = pack(vector_of(person, dimension=model.dimension))
    headers = {"X-Face-Model": model.model}
    sent = await shard.post("/search", content=body, headers=headers)
    answer = SearchAnswer.model_validate(sent.json())
    assert answer.model == model.model
    return [candidate.face_id for candidate in answer.results[0] if candidate.passes]


async def test_who_is_enrolled_is_found_by_either_model(shard: httpx.AsyncClient) -> None:
    await enroll(shard, "anna", 1)

    assert await found(shard, VectorModel(MODEL, DIMENSION), 1) == ["anna"]
    assert await found(shard, SECOND, 1) == ["anna"]
    refused = await shard.post(
        "/search", content=pack(vector_of(1)), headers={"X-Face-Model": "other"}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "MODEL_MISMATCH")


async def test_a_stranger_is_minted_of_both_vectors_or_of_one(shard: httpx.AsyncClient) -> None:
    both = (await mint(shard, 1)).json()["faces"][0]["face_id"]
    alone = await shard.post(
        "/faces/mint", content=pack(vector_of(2)), headers={"X-Face-Model": MODEL}
    )

    assert alone.status_code == 200
    assert await found(shard, SECOND, 1) == []  # other stores do not find visitors
    status = await second_status(shard)
    assert (status.visitors.changed, status.visitors.of) == (1, 2)
    assert (await sees(shard, 1)).face_id == both


async def test_a_shard_without_the_second_model_refuses_it(start_shard: StartShard) -> None:
    plain = await start_shard()
    await ready(plain)

    answer = await mint(plain, 1)

    assert (answer.status_code, answer.json()["code"]) == (409, "MODEL_MISMATCH")
    assert (await plain.get("/status")).json()["counts"]["faces"] == 0


async def test_bytes_that_are_no_pairs_are_refused(shard: httpx.AsyncClient) -> None:
    answer = await shard.post(
        "/faces/mint", content=pack(vector_of(1)), headers={"X-Face-Model": BOTH}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_VECTORS")


async def test_the_vectors_of_both_models_go_to_the_gateway(shard: httpx.AsyncClient) -> None:
    answer = ShardAnswer.model_validate(
        (await shard.post("/recognize?vectors=true&remember=true", content=picture_of(1))).json()
    )
    [face] = answer.faces
    seen = (await shard.get("/sightings", params={"name": face.sighting})).json()

    assert answer.second_model == seen["second_model"] == SECOND.model
    assert from_text(face.second_vector or "").shape == (SECOND.dimension,)
    assert seen["second_vectors"] == [face.second_vector]


async def test_a_visit_of_which_it_is_sure_teaches_the_second_model_a_few_times(
    start_shard: StartShard, shard: httpx.AsyncClient
) -> None:
    visitor = (
        await shard.post("/faces/mint", content=pack(vector_of(1)), headers={"X-Face-Model": MODEL})
    ).json()["faces"][0]["face_id"]

    for visit, take in enumerate((OTHER_LOOK, "0.2", "0.1")):
        face = await sees(shard, 1, take, remember=True)
        assert face.second_lesson is not None, "whatever `learning` says"
        assert face.lesson is None
        learned = await shard.post(
            f"/faces/{visitor}/learned",
            params={"visit": visit, "quality": 1.5},
            content=pack(from_text(face.second_lesson.vector)),
            headers={"X-Face-Model": SECOND.model},
        )
        assert learned.json()["learned"] is True

    assert (await sees(shard, 1, remember=True)).second_lesson is None
    assert (await second_status(shard)).visitors.changed == 1
    forgotten = await shard.delete(f"/faces/{visitor}/learned")
    assert forgotten.json()["templates"] == 3
    assert (await second_status(shard)).visitors.changed == 0


async def test_what_contradicts_the_second_model_is_not_learned(shard: httpx.AsyncClient) -> None:
    await mint(shard, 1)
    await enroll(shard, "bella", 2)
    visitor = (await sees(shard, 1)).face_id

    async def teach(person: int) -> bool:
        answer = await shard.post(
            f"/faces/{visitor}/learned",
            params={"visit": 1, "quality": 1.5},
            content=pack(vector_of(person, 0.2, SECOND.dimension)),
            headers={"X-Face-Model": SECOND.model},
        )
        return bool(answer.json()["learned"])

    assert [await teach(3), await teach(2), await teach(1)] == [False, False, True]


async def test_the_models_are_asked_about_the_same_faces_and_counted(
    start_shard: StartShard, shard: httpx.AsyncClient, tmp_path: Path
) -> None:
    await enroll(shard, "anna", 1)

    async def agreed(same: int, both_unknown: int) -> bool:
        agreement = (await second_status(shard)).agreement
        return (agreement.same, agreement.both_unknown) == (same, both_unknown)

    await sees(shard, 1)
    await eventually(lambda: agreed(1, 0))
    await sees(shard, 1)
    await eventually(lambda: agreed(2, 0))
    await sees(shard, 5)
    await eventually(lambda: agreed(2, 1))

    assert (await second_status(shard)).agreement.compared == 3


async def test_the_counts_outlive_the_process(start_shard: StartShard) -> None:
    first = await start_shard(two_models())
    await ready(first)
    await enroll(first, "anna", 1)
    await sees(first, 1)

    async def compared() -> bool:
        return (await second_status(first)).agreement.same == 1

    await eventually(compared)
    await first.stop()
    second = await start_shard(two_models())

    assert (await second_status(second)).agreement.same == 1


async def test_pictures_of_the_folder_are_described_while_it_serves(
    start_shard: StartShard, tmp_path: Path
) -> None:
    folder = tmp_path / "west"
    folder.mkdir()
    for person in (1, 2, 3):
        (folder / f"p{person}_0.jpg").write_bytes(picture_of(person))
    before = await start_shard(gallery=folder)
    await ready(before)
    await enroll(before, "by hand", 4)
    await before.stop()
    (folder / "p2_0.jpg").unlink()

    shard = await start_shard(two_models(), gallery=folder)
    await ready(shard)

    async def described() -> bool:
        status = await second_status(shard)
        return (status.members.changed, status.members.of, status.pictures_left) == (2, 4, 0)

    await eventually(described)
    assert [await found(shard, SECOND, person) for person in (1, 2, 3)] == [["p1"], [], ["p3"]]


async def test_a_store_changes_over_and_back(start_shard: StartShard) -> None:
    shard = await start_shard(two_models())
    await ready(shard)
    await enroll(shard, "anna", 1)
    await shard.stop()

    for encoder in (changed_over(), two_models()):
        shard = await start_shard(encoder)
        await ready(shard)
        assert (await sees(shard, 1)).face_id == "anna"
        assert (await shard.get("/status")).json()["model"] == encoder.model
        await shard.stop()
