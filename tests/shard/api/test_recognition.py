"""Recognition over HTTP, with the fake encoder: who is known, and what is shown of strangers."""

import asyncio
import json
from typing import Any

import httpx
import numpy as np
import pytest

from contract.messages.face import Candidate
from contract.messages.shard_answers import (
    EncodeAnswer,
    MintAnswer,
    MintedFace,
    SearchAnswer,
    ShardAnswer,
)
from contract.vectors import Vectors, from_text, pack
from scoring.cohort import unit
from scoring.score_scale import ScoreScale
from scoring.scoring_data import load_scoring_data
from tests.shard.conftest import StartShard, ready
from tests.shard.fakes import DIMENSION, MODEL, FakeEncoder, picture_of, vector_of

SHIPPED_MODEL = load_scoring_data().parameters.model


async def enroll(shard: httpx.AsyncClient, face_id: str, person: int, **fields: str) -> None:
    query = {"face_id": face_id, **fields}
    answer = await shard.post("/faces", params=query, content=picture_of(person))
    assert answer.status_code == 201, answer.text


async def recognize(shard: httpx.AsyncClient, *persons: int, **query: Any) -> ShardAnswer:
    answer = await shard.post("/recognize", params=query, content=picture_of(*persons))
    assert answer.status_code == 200, answer.text
    return ShardAnswer.model_validate(answer.json())


async def search(
    shard: httpx.AsyncClient, vectors: Vectors, model: str = MODEL, **query: Any
) -> httpx.Response:
    headers = {"X-Face-Model": model, "Content-Type": "application/x-face-vectors"}
    return await shard.post("/search", params=query, content=pack(vectors), headers=headers)


async def test_the_course_s_call_answers_the_face_id_or_null(shard: httpx.AsyncClient) -> None:
    await enroll(shard, "095", 7)

    known = await shard.post("/recognize", files={"image": ("x.jpg", picture_of(7))})
    stranger = await shard.post("/recognize", files={"image": ("x.jpg", picture_of(8))})

    assert (known.json()["result"], stranger.json()["result"]) == ("095", None)


async def test_every_face_is_named_largest_first(shard: httpx.AsyncClient) -> None:
    await enroll(shard, "anna", 1, member_id="m-1")
    await enroll(shard, "ben", 2)

    answer = await recognize(shard, 3, 2, 1)

    assert [face.face_id for face in answer.faces] == [None, "ben", "anna"]
    assert [face.match for face in answer.faces] == ["unknown", "home", "home"]
    assert answer.result is None
    anna = answer.faces[2]
    assert anna.member is not None
    assert (anna.kind, anna.distance, anna.member.member_id) == ("member", 0, "m-1")
    assert anna.score is not None
    assert anna.threshold is not None
    assert anna.score > anna.threshold
    assert answer.faces[0].box.model_dump() == {"top": 0, "right": 20, "bottom": 20, "left": 0}


async def mint(shard: httpx.AsyncClient, vectors: Vectors, **query: Any) -> MintedFace:
    answer = await shard.post(
        "/faces/mint", params=query, content=pack(vectors), headers={"X-Face-Model": MODEL}
    )
    [face] = MintAnswer.model_validate(answer.json()).faces
    return face


def shifted(person: int, shift: float) -> Vectors:
    """Return another picture's vector of a person, shape (1, d); see vector_of."""
    return vector_of(person, shift)[None, :]


@pytest.mark.parametrize("route", ["/recognize", "/search", "/faces/mint"])
async def test_members_and_visitors_have_limits_of_their_own(
    shard: httpx.AsyncClient, route: str
) -> None:
    """Whoever passes by the limit of their kind and is most alike is the one."""
    await enroll(shard, "anna", 1)
    visitor = (await mint(shard, shifted(1, 0.9), rate=1e-9)).face_id
    near_anna, near_visitor = 0.3, 0.5

    async def named(shift: float, member: float, visitor: float) -> str | None:
        rates = {"rate": member, "visitor_rate": visitor}
        if route == "/recognize":
            picture = picture_of(1, take=str(shift))
            [face] = (await shard.post(route, params=rates, content=picture)).json()["faces"]
            return str(face["face_id"]) if face["face_id"] else None
        if route == "/search":
            query: dict[str, Any] = {**rates, "scope": "everyone"}
            [found] = (await search(shard, shifted(1, shift), **query)).json()["results"]
            return next((one["face_id"] for one in found if one["passes"]), None)
        minted = await mint(shard, shifted(1, shift), **rates)
        return None if minted.minted else minted.face_id

    loose, strict = 0.5, 1e-9
    assert await named(near_anna, loose, loose) == "anna"
    assert await named(near_visitor, loose, loose) == visitor
    assert await named(near_anna, strict, loose) == visitor
    assert await named(near_visitor, loose, strict) == "anna"
    assert await named(near_visitor, strict, strict) is None


async def test_an_older_gateway_s_one_rate_is_for_both(shard: httpx.AsyncClient) -> None:
    visitor = (await mint(shard, shifted(1, 0.0))).face_id

    async def named(**rates: float) -> str | None:
        answer = await shard.post("/recognize", params=rates, content=picture_of(1, take="0.5"))
        return ShardAnswer.model_validate(answer.json()).result

    assert (await named(rate=0.5), await named(rate=1e-9)) == (visitor, None)


async def test_the_threshold_that_is_told_is_that_of_the_match_s_kind(
    shard: httpx.AsyncClient,
) -> None:
    await enroll(shard, "anna", 1)
    await mint(shard, shifted(2, 0.0))

    [anna, visitor] = (await recognize(shard, 1, 2, rate=0.01, visitor_rate=0.1)).faces

    assert anna.threshold is not None
    assert visitor.threshold is not None
    assert anna.threshold > visitor.threshold


async def test_a_picture_without_a_face_is_an_answer(shard: httpx.AsyncClient) -> None:
    answer = await recognize(shard)

    assert (answer.result, answer.faces) == (None, [])


async def test_vectors_are_shown_of_missed_faces_and_on_request_alone(
    shard: httpx.AsyncClient,
) -> None:
    await enroll(shard, "anna", 1)

    asked = await recognize(shard, 1, 2, vectors=True)
    plain = await recognize(shard, 1, 2)

    assert [face.vector is None for face in asked.faces] == [True, False]
    assert from_text(asked.faces[1].vector or "").tobytes() == vector_of(2).tobytes()
    assert [face.vector for face in plain.faces] == [None, None]


async def test_candidates_are_shown_whether_or_not_they_match(shard: httpx.AsyncClient) -> None:
    await enroll(shard, "anna", 1)
    await enroll(shard, "ben", 2)

    [face] = (await recognize(shard, 3, candidates=5)).faces

    assert face.match == "unknown"
    assert sorted(c.face_id for c in face.candidates or []) == ["anna", "ben"]
    assert (await recognize(shard, 3)).faces[0].candidates is None


async def test_how_strict_a_match_is_is_the_store_s_or_the_request_s(
    shard: httpx.AsyncClient,
) -> None:
    headers = {"X-Face-Model": MODEL}
    near = vector_of(1, shift=0.4)[None, :]
    await shard.post("/faces/mint", content=pack(near), headers=headers)

    [lax] = (await recognize(shard, 1)).faces
    [strict] = (await recognize(shard, 1, rate=1e-6, candidates=1)).faces

    assert (lax.match, strict.match) == ("home", "unknown")
    assert lax.threshold is not None
    assert strict.threshold is not None
    assert strict.threshold > (lax.score or 0) > lax.threshold
    assert [candidate.passes for candidate in strict.candidates or []] == [False]


async def test_nobody_is_alike_where_nobody_is_stored(shard: httpx.AsyncClient) -> None:
    [face] = (await recognize(shard, 1, candidates=3)).faces

    assert (face.match, face.threshold, face.candidates) == ("unknown", None, [])


async def test_the_answer_names_its_model_request_and_times(shard: httpx.AsyncClient) -> None:
    answer = await shard.post(
        "/recognize", content=picture_of(1), headers={"X-Request-ID": "cam-1"}
    )

    assert answer.headers["X-Face-Model"] == answer.json()["model"] == MODEL
    assert answer.headers["X-Request-ID"] == answer.json()["request_id"] == "cam-1"
    timing = answer.json()["timing_ms"]
    assert timing["total"] >= timing["encode"] + timing["search"] > 0


async def test_a_picture_is_encoded_once(shard: httpx.AsyncClient, encoder: FakeEncoder) -> None:
    await recognize(shard, 1, 2, 3, candidates=5)

    assert encoder.encoded == [picture_of(1, 2, 3)]


async def test_encode_gives_boxes_and_vectors(shard: httpx.AsyncClient) -> None:
    answer = await shard.post("/encode", content=picture_of(4, 5))

    encoded = EncodeAnswer.model_validate(answer.json())
    assert encoded.model == MODEL
    assert [from_text(face.vector).tobytes() for face in encoded.faces] == [
        vector_of(4).tobytes(),
        vector_of(5).tobytes(),
    ]


@pytest.mark.parametrize("second", ["image", "other"])
async def test_compare_says_whether_two_pictures_show_one_person(
    shard: httpx.AsyncClient, second: str
) -> None:
    def files(person: int) -> list[tuple[str, tuple[str, bytes]]]:
        return [("image", ("a", picture_of(1))), (second, ("b", picture_of(person)))]

    same = (await shard.post("/compare", files=files(1))).json()
    different = (await shard.post("/compare", files=files(2))).json()

    assert (same["same"], same["distance"]) == (True, 0)
    assert (different["same"], different["distance"] > 0.5) == (False, True)
    assert same["score"] > same["threshold"] == different["threshold"] > different["score"]


async def test_compare_needs_two_pictures_with_a_face(shard: httpx.AsyncClient) -> None:
    one = await shard.post("/compare", files={"image": ("a", picture_of(1))})
    empty = await shard.post(
        "/compare", files={"image": ("a", picture_of(1)), "other": ("b", picture_of())}
    )

    assert (one.status_code, one.json()["code"]) == (400, "BAD_REQUEST")
    assert (empty.status_code, empty.json()["code"]) == (422, "NO_FACE")


async def test_search_gives_for_each_vector_its_nearest_members(shard: httpx.AsyncClient) -> None:
    await enroll(shard, "anna", 1)
    await enroll(shard, "ben", 2)
    await shard.post(
        "/faces/mint", content=pack(vector_of(3)[None, :]), headers={"X-Face-Model": MODEL}
    )
    vectors = np.stack([vector_of(2), vector_of(3)])

    members = SearchAnswer.model_validate((await search(shard, vectors)).json())
    everyone = SearchAnswer.model_validate(
        (await search(shard, vectors, k=3, scope="everyone")).json()
    )

    assert members.results[0][0].face_id == "ben"
    assert {hit.kind for row in members.results for hit in row} == {"member"}
    assert [len(row) for row in everyone.results] == [3, 3]
    assert everyone.results[1][0].kind == "visitor"
    assert everyone.results[1][0].store == "s"


async def test_a_search_is_as_strict_as_all_that_is_searched_asks_for(
    shard: httpx.AsyncClient,
) -> None:
    await enroll(shard, "anna", 1)

    async def threshold(**query: Any) -> float:
        answer = await search(shard, vector_of(1, shift=0.2)[None, :], rate=0.01, **query)
        found = SearchAnswer.model_validate(answer.json())
        [[best]], [needed] = found.results, found.thresholds
        assert needed is not None
        assert best.passes == (best.score >= needed)
        return needed

    alone = await threshold()
    assert await threshold(templates=1) == alone
    assert await threshold(templates=100_000) > alone
    assert await threshold(templates=100_000, frames="3") > await threshold(templates=100_000)


async def with_strangers(start_shard: StartShard) -> httpx.AsyncClient:
    """Start a shard whose encoder's model the shipped cohort knows; 30 strangers are visitors."""
    shard = await start_shard(FakeEncoder(SHIPPED_MODEL, 128))
    await ready(shard)
    answer = await shard.post(
        "/faces/mint", content=pack(people(30)), headers={"X-Face-Model": SHIPPED_MODEL}
    )
    assert answer.status_code == 200, answer.text
    return shard


def people(count: int) -> Vectors:
    return unit(np.random.default_rng(3).normal(size=(count, 128)).astype(np.float32))


async def test_a_search_that_brings_the_places_of_its_faces_finds_the_same(
    start_shard: StartShard,
) -> None:
    shard, cohort = await with_strangers(start_shard), ScoreScale.of_model(SHIPPED_MODEL).cohort
    seen = unit(people(5) + np.float32(0.05))

    async def found(**query: Any) -> list[Candidate]:
        answer = await search(shard, seen, SHIPPED_MODEL, k=3, scope="everyone", **query)
        assert answer.status_code == 200, answer.text
        return [hit for row in SearchAnswer.model_validate(answer.json()).results for hit in row]

    own = await found()
    brought = await found(cohort=cohort.name, places=json.dumps(cohort.place(seen).pairs))
    others = await found(cohort="of another release", places=json.dumps([[0.1, 0.2]] * 5))
    wrong = await found(cohort=cohort.name, places=json.dumps([[0.1, 0.2]] * 5))

    assert len(own) == 15
    assert [hit.face_id for hit in brought] == [hit.face_id for hit in own]
    assert [hit.score for hit in brought] == pytest.approx([hit.score for hit in own], abs=1e-4)
    assert others == own
    assert [hit.score for hit in wrong] != pytest.approx([hit.score for hit in own], abs=1e-4)


async def test_missed_faces_are_shown_with_their_places(start_shard: StartShard) -> None:
    shard = await start_shard()
    await ready(shard)
    await enroll(shard, "anna", 1)

    shown = await recognize(shard, 1, 2, 3, vectors=True)
    plain = await recognize(shard, 2)
    encoded = EncodeAnswer.model_validate(
        (await shard.post("/encode", content=picture_of(1))).json()
    )

    cohort = ScoreScale.of_model(MODEL).cohort
    assert shown.cohort == encoded.cohort == cohort.name is not None
    typical = cohort.place(vector_of(2)[None, :]).pairs[0]
    assert [face.place for face in shown.faces] == [None, typical, typical]
    assert [face.place for face in plain.faces] == [None]
    assert [face.place for face in encoded.faces] == [typical]


@pytest.mark.parametrize(
    "places",
    ["[[NaN, 1]]", "[[Infinity, 1]]", "[[0.5, 0]]", "[[0.5, -1]]", "[[0.5, 1e-60]]", "[[1e60, 1]]"],
)
async def test_places_that_no_face_has_are_refused(shard: httpx.AsyncClient, places: str) -> None:
    answer = await search(shard, vector_of(1)[None, :], cohort="any", places=places)

    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_PARAMETER")


async def test_search_refuses_vectors_of_another_model_or_shape(shard: httpx.AsyncClient) -> None:
    good, one = np.zeros((1, DIMENSION), np.float32), vector_of(1)[None, :]

    async def code(vectors: Vectors, **options: Any) -> tuple[int, str]:
        answer = await search(shard, vectors, **options)
        return answer.status_code, answer.json()["code"]

    assert await code(good, model="other-v2") == (409, "MODEL_MISMATCH")
    assert await code(np.zeros((1, DIMENSION + 1), np.float32)) == (400, "BAD_VECTORS")
    assert await code(np.full((1, DIMENSION), np.nan, np.float32)) == (400, "BAD_VECTORS")
    assert await code(np.full((1, DIMENSION), 1e38, np.float32)) == (400, "BAD_VECTORS")
    assert await code(good) == (400, "BAD_VECTORS")
    assert await code(one, frames="1,2") == (400, "BAD_REQUEST")
    assert await code(one, frames="many") == (422, "INVALID_PARAMETER")
    assert await code(one, rate=2) == (422, "INVALID_PARAMETER")
    assert await code(one, places="many") == (422, "INVALID_PARAMETER")
    assert await code(one, places="[[0.5]]") == (422, "INVALID_PARAMETER")
    twice = {
        "cohort": ScoreScale.of_model(MODEL).cohort.name,
        "places": "[[0.5, 0.06], [0.5, 0.06]]",
    }
    assert await code(one, **twice) == (400, "BAD_REQUEST")
    assert await code(np.zeros((257, DIMENSION), np.float32)) == (400, "BAD_VECTORS")
    assert await code(good, k=21) == (422, "INVALID_PARAMETER")
    without = await shard.post("/search", content=pack(good))
    assert (without.status_code, without.json()["code"]) == (400, "BAD_REQUEST")


async def test_a_deadline_ends_the_wait(shard: httpx.AsyncClient, encoder: FakeEncoder) -> None:
    late = {"X-Facegate-Deadline-Ms": "0"}
    wrong = {"X-Facegate-Deadline-Ms": "soon"}

    passed = await shard.post("/recognize", content=picture_of(1), headers=late)
    refused = await shard.post("/recognize", content=picture_of(1), headers=wrong)

    assert (passed.status_code, passed.json()["code"]) == (504, "DEADLINE_EXCEEDED")
    assert (refused.status_code, refused.json()["code"]) == (400, "BAD_REQUEST")


async def test_searches_go_on_while_pictures_are_encoded(
    shard: httpx.AsyncClient, encoder: FakeEncoder
) -> None:
    encoder.gate.clear()
    encoding = asyncio.create_task(shard.post("/recognize", content=picture_of(1)))
    await encoder.asked.wait()

    answer = await search(shard, vector_of(1)[None, :])

    assert answer.status_code == 200
    assert not encoding.done()
    encoder.gate.set()
    assert (await encoding).status_code == 200


async def test_faces_are_known_again_after_a_restart(start_shard: StartShard) -> None:
    first = await start_shard()
    await ready(first)
    await enroll(first, "anna", 1)
    status = (await first.get("/status")).json()
    replica = await start_shard(read_only=True)
    await ready(replica)

    assert (await recognize(replica, 1)).result == "anna"
    shown = (await replica.get("/status")).json()
    assert [work["name"] for work in shown.pop("background")] == ["following"]
    del status["background"]
    assert shown == {**status, "read_only": True}
