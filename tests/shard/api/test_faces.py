"""A store's faces over HTTP: enrolling, minting, listing, erasing."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from contract.messages.faces import FaceRecord
from contract.messages.shard_answers import MintAnswer
from contract.vectors import pack
from tests.gateway.people.chain import everything_in
from tests.shard.conftest import StartShard, ready
from tests.shard.fakes import MODEL, FakeEncoder, picture_of, vector_of


async def enroll(shard: httpx.AsyncClient, picture: bytes, **fields: str) -> httpx.Response:
    return await shard.post("/faces", data=fields, files={"image": ("x.jpg", picture)})


async def mint(shard: httpx.AsyncClient, *persons: int, **query: Any) -> MintAnswer:
    body = pack(np.stack([vector_of(person) for person in persons]))
    answer = await shard.post(
        "/faces/mint", params=query, content=body, headers={"X-Face-Model": MODEL}
    )
    assert answer.status_code == 200, answer.text
    return MintAnswer.model_validate(answer.json())


async def listed(shard: httpx.AsyncClient) -> list[str]:
    return [face["face_id"] for face in (await shard.get("/faces")).json()["faces"]]


async def result(shard: httpx.AsyncClient, person: int) -> str | None:
    answer = await shard.post("/recognize", content=picture_of(person))
    face_id: str | None = answer.json()["result"]
    return face_id


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_an_enrolled_face_is_recognised_and_can_be_read(shard: httpx.AsyncClient) -> None:
    answer = await enroll(shard, picture_of(1), face_id="张三", member_id="m-17")

    assert answer.status_code == 201
    assert answer.json() == {
        "store": "s",
        "face_id": "张三",
        "kind": "member",
        "outcome": "enrolled",
        "template_id": 1,
        "box": {"top": 0, "right": 20, "bottom": 20, "left": 0},
        "quality": 1.5,
        "warnings": [],
        "member": {"member_id": "m-17", "name": None, "tags": []},
    }
    assert await result(shard, 1) == "张三"
    record = FaceRecord.model_validate((await shard.get("/faces/张三")).json())
    assert record.member is not None
    assert record.member.member_id == "m-17"
    assert [(template.model, template.source) for template in record.templates] == [(MODEL, None)]


async def test_the_fields_may_come_in_the_query_of_a_raw_body(shard: httpx.AsyncClient) -> None:
    answer = await shard.post("/faces", params={"face_id": "a"}, content=picture_of(1))

    assert (answer.status_code, await result(shard, 1)) == (201, "a")


async def test_names_are_one_name_in_every_unicode_form(shard: httpx.AsyncClient) -> None:
    await enroll(shard, picture_of(1), face_id="Ame\u0301lie")

    assert await listed(shard) == ["Am\u00e9lie"]
    assert (await shard.get("/faces/Ame\u0301lie")).status_code == 200


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (picture_of(), (422, "NO_FACE")),
        (picture_of(1, 2), (422, "SEVERAL_FACES")),
        (b"nonsense", (422, "BROKEN_PICTURE")),
        (b"crash", (422, "ENCODER_CRASHED")),
        (b"", (400, "EMPTY_PICTURE")),
    ],
)
async def test_a_picture_that_shows_no_one_face_enrols_nobody(
    shard: httpx.AsyncClient, picture: bytes, code: tuple[int, str]
) -> None:
    assert problem(await enroll(shard, picture, face_id="a")) == code
    assert await listed(shard) == []


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"face_id": ""},
        {"face_id": "a/b"},
        {"face_id": "x" * 101},
        {"face_id": "v-mine"},
        {"face_id": "a", "member_id": "m" * 101},
        {"face_id": "a", "source": "line\nbreak"},
    ],
)
async def test_bad_fields_are_refused(shard: httpx.AsyncClient, fields: dict[str, str]) -> None:
    assert problem(await enroll(shard, picture_of(1), **fields)) == (400, "BAD_REQUEST")
    assert await listed(shard) == []


async def test_an_unchanged_picture_is_not_encoded_again(
    shard: httpx.AsyncClient, encoder: FakeEncoder
) -> None:
    await enroll(shard, picture_of(1), face_id="a", source="x/a_0.jpg")

    again = await enroll(shard, picture_of(1), face_id="a", source="x/a_0.jpg")

    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert len(encoder.encoded) == 1


async def test_an_unchanged_picture_may_bind_its_face_to_a_member(
    shard: httpx.AsyncClient,
) -> None:
    await enroll(shard, picture_of(1), face_id="a", source="x/a_0.jpg")

    await enroll(shard, picture_of(1), face_id="a", source="x/a_0.jpg", member_id="m-1")

    record = (await shard.get("/faces/a")).json()
    assert (record["member"]["member_id"], len(record["templates"])) == ("m-1", 1)


async def test_a_changed_picture_replaces_what_it_gave_before(shard: httpx.AsyncClient) -> None:
    await enroll(shard, picture_of(1), face_id="a", source="x/a_0.jpg")

    changed = await enroll(shard, picture_of(2), face_id="a", source="x/a_0.jpg")

    assert changed.json()["outcome"] == "replaced"
    assert (await result(shard, 1), await result(shard, 2)) == (None, "a")


async def test_sources_tell_what_came_of_each_picture(shard: httpx.AsyncClient) -> None:
    await enroll(shard, picture_of(1), face_id="a", source="x/a_0.jpg")
    await enroll(shard, picture_of(), face_id="b", source="x/b_0.jpg")
    await enroll(shard, picture_of(3), face_id="c", source="y/c_0.jpg")
    await shard.delete("/faces/a")

    sources = (await shard.get("/sources", params={"prefix": "x/"})).json()["sources"]

    assert [(s["source"], s["outcome"], s["reason"]) for s in sources] == [
        ("x/a_0.jpg", "erased", None),
        ("x/b_0.jpg", "refused", "no face was found"),
    ]


async def test_an_erased_face_is_gone_and_its_picture_does_not_bring_it_back(
    shard: httpx.AsyncClient,
) -> None:
    await enroll(shard, picture_of(1), face_id="a", source="x/a_0.jpg")

    erased = await shard.delete("/faces/a")

    assert erased.json() == {"store": "s", "face_id": "a", "templates": 1}
    assert await result(shard, 1) is None
    assert problem(await shard.get("/faces/a")) == (404, "UNKNOWN_FACE")
    assert problem(await shard.delete("/faces/a")) == (404, "UNKNOWN_FACE")
    again = await enroll(shard, picture_of(1), face_id="a", source="x/a_0.jpg")
    assert problem(again) == (409, "PICTURE_ERASED")
    assert (await enroll(shard, picture_of(1), face_id="a")).status_code == 201


async def test_one_picture_of_a_person_is_removed_for_good(
    start_shard: StartShard, tmp_path: Path
) -> None:
    shard = await start_shard()
    await ready(shard)
    await enroll(shard, picture_of(1), face_id="a", source="x/a_0.jpg")
    wrong = await enroll(shard, picture_of(2), face_id="a", source="x/a_1.jpg", force="true")
    number = wrong.json()["template_id"]
    vector = vector_of(2).tobytes()
    assert vector in everything_in(tmp_path)

    removed = await shard.delete(f"/faces/a/templates/{number}")

    assert (removed.status_code, removed.json()["templates"]) == (200, 1)
    assert removed.json()["seq"] == (await shard.get("/status")).json()["seq"]
    assert vector not in everything_in(tmp_path)
    assert (await result(shard, 1), await result(shard, 2)) == ("a", None)
    again = await enroll(shard, picture_of(2), face_id="a", source="x/a_1.jpg", force="true")
    assert problem(again) == (409, "PICTURE_ERASED")
    kept = (await shard.get("/faces/a")).json()["templates"]
    assert [template["source"] for template in kept] == ["x/a_0.jpg"]


async def test_what_is_not_one_picture_of_several_is_not_removed(shard: httpx.AsyncClient) -> None:
    only = (await enroll(shard, picture_of(1), face_id="a")).json()["template_id"]
    other = (await enroll(shard, picture_of(2), face_id="b")).json()["template_id"]

    for path, code in [
        (f"a/templates/{only}", (409, "LAST_TEMPLATE")),
        (f"a/templates/{other}", (404, "UNKNOWN_TEMPLATE")),
        (f"a/templates/{2**63 - 1}", (404, "UNKNOWN_TEMPLATE")),
        (f"c/templates/{only}", (404, "UNKNOWN_FACE")),
        (f"a/templates/{2**63}", (422, "INVALID_PARAMETER")),
        ("a/templates/0", (422, "INVALID_PARAMETER")),
    ]:
        assert problem(await shard.delete(f"/faces/{path}")) == code
    assert await listed(shard) == ["a", "b"]


async def test_a_removed_picture_comes_back_under_none_of_its_names(
    shard: httpx.AsyncClient,
) -> None:
    await enroll(shard, picture_of(1), face_id="a")
    copied = await enroll(shard, picture_of(1, take="0.3"), face_id="a", source="x/a_0.jpg")
    await enroll(shard, picture_of(1, take="0.3"), face_id="a", source="x/copy.jpg")

    await shard.delete(f"/faces/a/templates/{copied.json()['template_id']}")

    sources = (await shard.get("/sources")).json()["sources"]
    assert {source["outcome"] for source in sources} == {"erased"}


async def test_faces_are_listed_in_pages(shard: httpx.AsyncClient) -> None:
    for person, name in enumerate("cab"):
        await enroll(shard, picture_of(person), face_id=name)

    first = (await shard.get("/faces", params={"limit": 2})).json()
    second = (await shard.get("/faces", params={"after": first["next_after"]})).json()

    assert [face["face_id"] for face in first["faces"]] == ["a", "b"]
    assert [face["face_id"] for face in second["faces"]] == ["c"]
    assert second["next_after"] is None


async def test_a_stranger_gets_a_face_id_once(shard: httpx.AsyncClient) -> None:
    [new] = (await mint(shard, 1, provisional=True)).faces
    [again] = (await mint(shard, 1)).faces

    assert (new.minted, new.kind, new.provisional, new.distance) == (True, "visitor", True, None)
    assert new.face_id.startswith("v-")
    assert len(new.face_id) == 18
    assert (again.minted, again.face_id, again.distance) == (False, new.face_id, 0)
    assert await result(shard, 1) == new.face_id


async def test_many_frames_of_one_stranger_at_once_make_one_face_id(
    shard: httpx.AsyncClient,
) -> None:
    answers = await asyncio.gather(*(mint(shard, 1, 2) for _ in range(25)))

    first, second = (await listed(shard))[:2]
    assert len(await listed(shard)) == 2
    assert sum(face.minted for answer in answers for face in answer.faces) == 2
    assert {tuple(face.face_id for face in answer.faces) for answer in answers} in [
        {(first, second)},
        {(second, first)},
    ]


async def test_minting_finds_members_too(shard: httpx.AsyncClient) -> None:
    await enroll(shard, picture_of(1), face_id="a", member_id="m-1")

    [face] = (await mint(shard, 1)).faces

    assert (face.minted, face.face_id, face.kind) == (False, "a", "member")


async def test_a_visitor_bound_to_a_member_becomes_one(shard: httpx.AsyncClient) -> None:
    [visitor] = (await mint(shard, 1, provisional=True)).faces

    answer = await enroll(shard, picture_of(1), face_id=visitor.face_id, member_id="m-1")

    assert answer.json()["kind"] == "member"
    counts = (await shard.get("/status")).json()["counts"]
    assert counts == {
        "faces": 1,
        "members": 1,
        "visitors": 0,
        "templates": 2,
        "roaming": 0,  # nobody has said that other stores may find the member
        "provisional": 0,
    }


async def test_no_answer_holds_a_vector(shard: httpx.AsyncClient) -> None:
    await enroll(shard, picture_of(1), face_id="a", source="x/a")
    await mint(shard, 2)

    for path in ["/faces", "/faces/a", "/sources", "/status"]:
        assert "vector" not in (await shard.get(path)).text
