"""What an enrolment refuses, warns of and keeps."""

from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest

from contract.deadline import Deadline
from contract.detection import Detection
from encoder import Face
from tests.shard.conftest import StartShard, ready
from tests.shard.fakes import FakeEncoder, picture_of, vector_of


async def enrol(
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
    ],
)
async def test_a_picture_that_shows_a_face_badly_is_refused_with_the_reason(
    shard: httpx.AsyncClient, look: str, code: str, reason: str
) -> None:
    answer = await enrol(shard, "a", picture_of(1, take=look), source="x/a_0.jpg")

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["detail"] == reason
    assert (await shard.get("/faces")).json()["faces"] == []
    [source] = (await shard.get("/sources")).json()["sources"]
    assert (source["outcome"], source["reason"]) == ("refused", reason)


@pytest.mark.parametrize("look", ["small", "dark", "blurred", "turned"])
async def test_a_camera_recognises_faces_that_would_not_be_enrolled(
    shard: httpx.AsyncClient, look: str
) -> None:
    await enrol(shard, "a", picture_of(1))

    answer = await shard.post("/recognize", content=picture_of(1, take=look))

    assert answer.json()["result"] == "a"


async def test_a_face_that_a_member_has_under_another_face_id_is_enrolled_with_a_warning(
    shard: httpx.AsyncClient,
) -> None:
    await enrol(shard, "anna", picture_of(1))
    await enrol(shard, "ben", picture_of(2))

    answer = await enrol(shard, "anne", picture_of(1, take="0.1"))

    assert answer.status_code == 201
    [warning] = answer.json()["warnings"]
    assert (warning["code"], warning["face_id"]) == ("ALREADY_ENROLLED", "anna")
    assert warning["detail"] == "the face is already enrolled as anna"
    assert warning["score"] > 0


class ThoroughEncoder(FakeEncoder):
    """Looks more closely at a face that is to be enrolled: its template is another vector."""

    async def encode(
        self,
        picture: bytes,
        deadline: Deadline,
        detection: Detection = Detection(),
        *,
        to_enrol: bool = False,
    ) -> list[Face]:
        faces = await super().encode(picture, deadline, detection)
        if to_enrol:
            faces[0] = replace(faces[0], template=vector_of(1, 0.1))
        return faces


async def test_a_face_is_enrolled_by_its_template_and_compared_by_its_vector(
    start_shard: StartShard,
) -> None:
    shard = await start_shard(ThoroughEncoder())
    await ready(shard)
    await enrol(shard, "a", picture_of(1))

    answer = await shard.post("/recognize", content=picture_of(1))

    [face] = answer.json()["faces"]
    expected = np.linalg.norm(vector_of(1) - vector_of(1, 0.1))
    assert expected > 0.05
    assert face["distance"] == pytest.approx(expected, abs=1e-3)


async def test_a_second_picture_of_somebody_is_no_reason_to_warn(shard: httpx.AsyncClient) -> None:
    await enrol(shard, "anna", picture_of(1))

    answer = await enrol(shard, "anna", picture_of(1, take="0.1"))

    assert answer.json()["warnings"] == []


async def test_how_faces_are_looked_for_is_the_store_s_or_the_request_s(
    shard: httpx.AsyncClient, encoder: FakeEncoder
) -> None:
    await enrol(shard, "a", picture_of(1))
    await enrol(shard, "a", picture_of(1), detector="cnn", min_face_px="40")
    await shard.post("/recognize", params={"min_face_px": 0}, content=picture_of(1))

    looked = [(detection.detector, detection.min_face_px) for detection in encoder.detections]
    assert looked == [("hog", None), ("cnn", 40), ("hog", None)]


async def test_an_import_of_more_pictures_than_are_kept_has_nothing_to_do_the_next_time(
    start_shard: StartShard, tmp_path: Path
) -> None:
    folder = tmp_path / "west"
    folder.mkdir()
    for number in range(7):
        picture = picture_of(1, take=f"0.0{number}")
        (folder / f"a_{number}.jpg").write_bytes(picture)
    first = await start_shard(gallery=folder, encoder_workers=1)
    await ready(first)
    kept = await templates(first, "a")
    await first.stop()

    encoder = FakeEncoder()
    second = await start_shard(encoder, gallery=folder, encoder_workers=1)
    await ready(second)

    assert kept == [f"west/a_{number}.jpg" for number in range(2, 7)]
    assert await templates(second, "a") == kept
    assert encoder.encoded == []
