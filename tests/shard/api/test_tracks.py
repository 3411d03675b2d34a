"""Tracks over HTTP: frames of one person are fused, in one request or in several."""

from typing import Any

import httpx
import numpy as np
import pytest

from contract.messages.face import TrackState
from contract.messages.shard_answers import EncodeAnswer, ShardAnswer
from contract.vectors import CONTENT_TYPE, MODEL_HEADER, Vector, from_text, pack
from scoring.cohort import unit
from tests.shard.fakes import picture_of, vector_of


def files(*pictures: bytes) -> list[tuple[str, tuple[str, bytes]]]:
    return [("image", ("x.jpg", picture)) for picture in pictures]


def fused(*shifts: float) -> Vector:
    return unit(np.sum([vector_of(1, shift) for shift in shifts], axis=0))


async def recognize(shard: httpx.AsyncClient, picture: bytes, **query: Any) -> ShardAnswer:
    answer = await shard.post("/recognize", params=query, content=picture)
    assert answer.status_code == 200, answer.text
    return ShardAnswer.model_validate(answer.json())


async def test_each_frame_of_a_track_is_answered_with_the_best_knowledge_so_far(
    shard: httpx.AsyncClient,
) -> None:
    query = {"camera": "door", "track": "7", "vectors": True}

    for shifts in ((0.0,), (0.0, 0.1), (0.0, 0.1, 0.2)):
        frame = picture_of(1, take=str(shifts[-1]))
        [face] = (await recognize(shard, frame, **query)).faces
        assert face.track == TrackState(id="7", frames=len(shifts))
        assert from_text(face.vector or "") == pytest.approx(fused(*shifts), abs=1e-6)

    [other] = (await recognize(shard, picture_of(1), camera="back", track="7")).faces
    assert other.track == TrackState(id="7", frames=1)


async def test_an_unknown_may_become_a_match_with_the_next_frame(shard: httpx.AsyncClient) -> None:
    await shard.post("/faces", params={"face_id": "anna"}, content=picture_of(1))
    query = {"track": "7", "rate": 1e-6}

    first = await recognize(shard, picture_of(1, take="0.5"), **query)
    second = await recognize(shard, picture_of(1), **query)

    assert (first.result, second.result) == (None, "anna")
    assert second.faces[0].threshold is not None
    assert first.faces[0].threshold is not None
    assert second.faces[0].threshold > first.faces[0].threshold


@pytest.mark.parametrize("kind", ["visitor", "member"])
async def test_only_a_visitor_of_a_track_is_asked_for_elsewhere(
    shard: httpx.AsyncClient, kind: str
) -> None:
    query = {"camera": "door", "track": "7", "vectors": True}
    first = await recognize(shard, picture_of(1), **query)
    if kind == "member":
        await shard.post("/faces", params={"face_id": "anna"}, content=picture_of(1))
    else:
        await mint(shard, first)

    again = await recognize(shard, picture_of(1, take="0.1"), **query)
    alone = await recognize(shard, picture_of(1, take="0.1"), vectors=True)

    assert [again.faces[0].kind, alone.faces[0].kind] == [kind, kind]
    assert again.faces[0].is_open == (kind == "visitor")
    assert not alone.faces[0].is_open


async def mint(shard: httpx.AsyncClient, unknown: ShardAnswer) -> None:
    """Have the first face of an answer given a FaceId."""
    answer = await shard.post(
        "/faces/mint",
        content=pack(from_text(unknown.faces[0].vector or "")),
        headers={"Content-Type": CONTENT_TYPE, MODEL_HEADER: unknown.model},
    )
    assert answer.status_code == 200, answer.text


async def test_the_track_s_person_comes_first(shard: httpx.AsyncClient) -> None:
    await shard.post("/faces", params={"face_id": "anna"}, content=picture_of(1))
    await recognize(shard, picture_of(1), track="7")

    crowd = await recognize(shard, picture_of(3, 2, 1), track="7")

    assert crowd.result == "anna"
    assert [face.track is None for face in crowd.faces] == [False, True, True]
    assert len({face.box.top for face in crowd.faces}) == 3


async def test_several_pictures_in_one_request_are_one_track(shard: httpx.AsyncClient) -> None:
    await shard.post("/faces", params={"face_id": "anna"}, content=picture_of(1))
    frames = files(picture_of(1), picture_of(2, 1, take="0.1"), picture_of())

    answer = ShardAnswer.model_validate((await shard.post("/recognize", files=frames)).json())

    assert [face.face_id for face in answer.faces] == ["anna", None]
    assert answer.faces[0].track == TrackState(id=None, frames=2)


async def test_a_track_may_begin_with_several_pictures(shard: httpx.AsyncClient) -> None:
    two = files(picture_of(1), picture_of(1, take="0.1"))

    await shard.post("/recognize", params={"track": "7"}, files=two)
    [face] = (await recognize(shard, picture_of(1, take="0.2"), track="7")).faces

    assert face.track == TrackState(id="7", frames=3)


async def test_a_stand_in_fuses_what_comes_in_one_request(shard: httpx.AsyncClient) -> None:
    frames = files(picture_of(1), picture_of(1, take="0.1"))

    answer = EncodeAnswer.model_validate((await shard.post("/encode", files=frames)).json())

    [face] = answer.faces
    assert face.track == TrackState(id=None, frames=2)
    assert from_text(face.vector) == pytest.approx(fused(0.0, 0.1), abs=1e-6)


@pytest.mark.parametrize("pictures", [(picture_of(1), b""), ()])
async def test_an_empty_picture_among_them_is_refused(
    shard: httpx.AsyncClient, pictures: tuple[bytes, ...]
) -> None:
    answer = await shard.post("/recognize", files=files(*pictures) or {"other": ("x", b"x")})

    assert (answer.status_code, answer.json()["code"]) == (400, "EMPTY_PICTURE")
