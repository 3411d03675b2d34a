"""What an enrolment refuses, warns of and keeps."""

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest

from encoder import Face
from tests.shard.conftest import StartShard, ready
from tests.shard.fakes import FakeEncoder, picture_of, vector_of


async def enroll(
    shard: httpx.AsyncClient, face_id: str, picture: bytes, **fields: str
) -> httpx.Response:
    return await shard.post("/faces", params={"face_id": face_id, **fields}, content=picture)


async def templates(shard: httpx.AsyncClient, face_id: str) -> list[str | None]:
    """Return the sources of a FaceId's templates."""
    record = (await shard.get(f"/faces/{face_id}")).json()
    return [template["source"] for template in record["templates"]]


@pytest.mark.parametrize(
    ("look", "code", "reason"),
    [
        ("small", "TOO_SMALL", "the face is 40 pixels wide; 60 are needed"),
        ("dark", "TOO_DARK", "the face is too dark; more light is needed"),
        ("blurred", "BLURRED", "the face is blurred by motion or focus"),
        ("turned", "POSE", "the face is turned away; it should look at the camera"),
        ("profile", "POSE", "the face is turned away; it should look at the camera"),
    ],
)
async def test_a_picture_that_shows_a_face_badly_is_refused_with_the_reason(
    shard: httpx.AsyncClient, look: str, code: str, reason: str
) -> None:
    answer = await enroll(shard, "a", picture_of(1, take=look), source="x/a_0.jpg")

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["detail"] == reason
    assert (await shard.get("/faces")).json()["faces"] == []
    [source] = (await shard.get("/sources")).json()["sources"]
    assert (source["outcome"], source["reason"]) == ("refused", reason)


@pytest.mark.parametrize("look", ["small", "dark", "blurred", "turned"])
async def test_a_camera_recognises_faces_that_would_not_be_enrolled(
    shard: httpx.AsyncClient, look: str
) -> None:
    await enroll(shard, "a", picture_of(1))

    answer = await shard.post("/recognize", content=picture_of(1, take=look))

    assert answer.json()["result"] == "a"


async def everything(shard: httpx.AsyncClient) -> list[str]:
    """Return all that the shard tells of its gallery."""
    return [(await shard.get(path)).text for path in ("/faces", "/sources", "/status")]


async def test_a_face_that_a_member_has_under_another_face_id_is_a_question(
    shard: httpx.AsyncClient,
) -> None:
    await enroll(shard, "anna", picture_of(1), member_id="m-1")
    await enroll(shard, "ben", picture_of(2))
    before = await everything(shard)

    refused = await enroll(shard, "anne", picture_of(1, take="0.1"))
    same = before == await everything(shard)
    forced = await enroll(shard, "anne", picture_of(1, take="0.1"), force="true")

    assert (refused.status_code, refused.json()["code"]) == (409, "ALREADY_ENROLLED")
    assert "already enrolled as anna" in refused.json()["detail"]
    [warning] = refused.json()["warnings"]
    assert (warning["code"], warning["face_id"]) == ("ALREADY_ENROLLED", "anna")
    assert warning["member"]["member_id"] == "m-1"
    assert warning["score"] > warning["needed"]
    assert same
    assert forced.status_code == 201
    assert forced.json()["warnings"] == [warning]


async def test_a_picture_unlike_the_face_id_s_own_is_a_question(shard: httpx.AsyncClient) -> None:
    await enroll(shard, "anna", picture_of(1))
    await enroll(shard, "anna", picture_of(1, take="0.2"))
    before = await everything(shard)

    refused = await enroll(shard, "anna", picture_of(2))
    same = before == await everything(shard)
    forced = await enroll(shard, "anna", picture_of(2), force="true")

    assert (refused.status_code, refused.json()["code"]) == (409, "UNLIKE_OWN_FACE")
    [warning] = refused.json()["warnings"]
    assert (warning["code"], warning["face_id"]) == ("UNLIKE_OWN_FACE", "anna")
    assert warning["score"] < warning["needed"]
    assert f"score {warning['score']:.2f}, {warning['needed']:.2f}" in refused.json()["detail"]
    assert same
    assert forced.status_code == 201
    assert forced.json()["warnings"] == [warning]
    assert len(await templates(shard, "anna")) == 3


async def test_a_picture_of_somebody_else_who_is_known_says_both(shard: httpx.AsyncClient) -> None:
    await enroll(shard, "anna", picture_of(1))
    await enroll(shard, "ben", picture_of(2))

    refused = await enroll(shard, "anna", picture_of(2, take="0.1"))

    assert refused.json()["code"] == "UNLIKE_OWN_FACE"
    assert [(w["code"], w["face_id"]) for w in refused.json()["warnings"]] == [
        ("UNLIKE_OWN_FACE", "anna"),
        ("ALREADY_ENROLLED", "ben"),
    ]


async def test_a_question_that_was_answered_is_not_asked_again(shard: httpx.AsyncClient) -> None:
    """Another FaceId of the same member, one told apart, and one that the picture is less like."""
    await enroll(shard, "anna", picture_of(1), member_id="m-1")
    of_the_same_member = await enroll(shard, "anna2", picture_of(1, take="0.1"), member_id="m-1")
    await enroll(shard, "twin", picture_of(1, take="0.3"), force="true")
    nearer = await enroll(shard, "twin", picture_of(1, take="0.43"))
    for other in ("anna", "anna2"):
        await shard.put("/faces/twin/not", json={"other": other})
    told_apart = await enroll(shard, "twin", picture_of(1, take="0.1"))

    assert of_the_same_member.json()["warnings"] == []
    assert {warning["face_id"] for warning in nearer.json()["warnings"]} == {"anna", "anna2"}
    assert (told_apart.status_code, told_apart.json()["warnings"]) == (201, [])


async def test_of_pictures_that_come_at_once_the_first_says_whose_the_face_id_is(
    shard: httpx.AsyncClient,
) -> None:
    answers = await asyncio.gather(*(enroll(shard, "IMG", picture_of(n)) for n in range(8)))

    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    assert len(await templates(shard, "IMG")) == 1


async def test_a_face_id_that_holds_several_people_can_still_be_enrolled(
    shard: httpx.AsyncClient,
) -> None:
    for person in range(4):
        await enroll(shard, "095", picture_of(person), force="true")

    refused = await enroll(shard, "095", picture_of(9))
    forced = await enroll(shard, "095", picture_of(9), force="true")

    assert (refused.status_code, forced.status_code) == (409, 201)


async def test_a_picture_that_moves_to_another_face_id_is_not_somebody_else_s(
    shard: httpx.AsyncClient,
) -> None:
    await enroll(shard, "IMG", picture_of(1), source="west/1.jpg")

    moved = await enroll(shard, "anna", picture_of(1), source="west/1.jpg")

    assert (moved.status_code, moved.json()["outcome"]) == (201, "replaced")
    assert (await shard.get("/faces/IMG")).status_code == 404


async def test_a_question_about_an_imported_picture_is_told_and_asked_again(
    shard: httpx.AsyncClient,
) -> None:
    await enroll(shard, "anna", picture_of(1))
    await enroll(shard, "anne", picture_of(1), source="west/anne_0.jpg")

    [source] = (await shard.get("/sources")).json()["sources"]
    assert (source["outcome"], source["digest"]) == ("refused", "")
    assert "already enrolled as anna" in source["reason"]
    await shard.delete("/faces/anna")
    again = await enroll(shard, "anne", picture_of(1), source="west/anne_0.jpg")
    assert again.status_code == 201


@pytest.mark.parametrize("again", ["", "other-metadata", "0.0005", "0.05"])
async def test_the_same_picture_again_changes_nothing(shard: httpx.AsyncClient, again: str) -> None:
    shown = [await enroll(shard, "a", picture_of(1, take=f"{n * 0.15:.2f}")) for n in range(5)]
    before = (await shard.get("/faces")).text

    answers = [await enroll(shard, "a", picture_of(1, take=again)) for _ in range(5)]

    assert {(a.status_code, a.json()["outcome"]) for a in answers} == {(200, "unchanged")}
    assert {a.json()["template_id"] for a in answers} == {shown[0].json()["template_id"]}
    assert (await shard.get("/faces")).text == before


async def test_the_same_picture_again_binds_names_and_is_imported(
    shard: httpx.AsyncClient, encoder: FakeEncoder
) -> None:
    await enroll(shard, "a", picture_of(1))

    for _ in range(2):
        await enroll(shard, "a", picture_of(1), source="west/a_0.jpg", member_id="m-1")

    record = (await shard.get("/faces/a")).json()
    assert record["member"]["member_id"] == "m-1"
    assert [template["source"] for template in record["templates"]] == ["west/a_0.jpg"]
    assert len(encoder.encoded) == 2


async def test_a_file_whose_new_content_is_a_picture_that_is_there_leaves_one(
    shard: httpx.AsyncClient,
) -> None:
    await enroll(shard, "a", picture_of(1), source="west/a_0.jpg")
    await enroll(shard, "a", picture_of(1, take="0.2"), source="west/a_1.jpg")

    answer = await enroll(shard, "a", picture_of(1), source="west/a_1.jpg")

    assert answer.json()["outcome"] == "replaced"
    assert await templates(shard, "a") == ["west/a_0.jpg"]


class ThoroughEncoder(FakeEncoder):
    """Looks more closely at a face that is to be enrolled: its template is another vector."""

    def faces_in(self, picture: bytes, to_enroll: bool) -> list[Face]:
        faces = super().faces_in(picture, to_enroll)
        if to_enroll:
            faces[0] = replace(faces[0], template=vector_of(1, 0.1))
        return faces


async def test_a_face_is_enrolled_by_its_template_and_compared_by_its_vector(
    start_shard: StartShard,
) -> None:
    shard = await start_shard(ThoroughEncoder())
    await ready(shard)
    await enroll(shard, "a", picture_of(1))

    answer = await shard.post("/recognize", content=picture_of(1))

    [face] = answer.json()["faces"]
    expected = np.linalg.norm(vector_of(1) - vector_of(1, 0.1))
    assert expected > 0.05
    assert face["distance"] == pytest.approx(expected, abs=1e-3)


async def test_a_second_picture_of_somebody_is_no_reason_to_warn(shard: httpx.AsyncClient) -> None:
    await enroll(shard, "anna", picture_of(1))

    answer = await enroll(shard, "anna", picture_of(1, take="0.1"))

    assert answer.json()["warnings"] == []


async def test_how_faces_are_looked_for_is_the_store_s_or_the_request_s(
    shard: httpx.AsyncClient, encoder: FakeEncoder
) -> None:
    await enroll(shard, "a", picture_of(1))
    await enroll(shard, "a", picture_of(1), detector="cnn", min_face_px="40")
    await shard.post("/recognize", params={"min_face_px": 0}, content=picture_of(1))

    looked = [(detection.detector, detection.min_face_px) for detection in encoder.detections]
    assert looked == [("hog", None), ("cnn", 40), ("hog", None)]


async def test_an_import_of_more_pictures_than_are_kept_has_nothing_to_do_the_next_time(
    start_shard: StartShard, tmp_path: Path
) -> None:
    folder = tmp_path / "west"
    folder.mkdir()
    for number in range(7):
        picture = picture_of(1, take=f"{number * 0.13:.2f}")
        (folder / f"a_{number}.jpg").write_bytes(picture)
    first = await start_shard(gallery=folder, encoder_workers=1)
    await ready(first)
    kept = await templates(first, "a")
    await first.stop()

    encoder = FakeEncoder()
    second = await start_shard(encoder, gallery=folder, encoder_workers=1)
    await ready(second)

    assert len(set(kept)) == 5
    assert await templates(second, "a") == kept
    assert encoder.encoded == []
