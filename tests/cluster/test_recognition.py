"""Real pictures through the gateway of a real cluster: who is recognised, and where."""

import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image, ImageOps

from tests import plain_http
from tests.cluster.processes import Cluster
from tests.encoder.picture_files import png_of_zeros, saved
from tests.pictures import sample

JPEG = {"Content-Type": "image/jpeg"}


def post(gateway: httpx.Client, store: str, picture: bytes, **query: Any) -> dict[str, Any]:
    answer = gateway.post(
        f"/v1/stores/{store}/recognize", content=picture, params=query, headers=JPEG
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    return saved(picture, kind, **options)


def opened(name: str) -> Image.Image:
    return Image.open(BytesIO(sample(name)))


def mirrored(name: str) -> bytes:
    return encoded(ImageOps.mirror(opened(name).convert("RGB")), "JPEG", quality=92)


def forget(gateway: httpx.Client, store: str, face_id: str) -> None:
    assert gateway.delete(f"/v1/stores/{store}/faces/{face_id}").status_code == 200


def test_a_member_is_recognised_at_home_without_asking_others(gateway: httpx.Client) -> None:
    answer = post(gateway, "west", sample("obama_partial_face.jpg"))
    [face] = answer["faces"]

    assert (face["match"], face["face_id"], face["store"]) == ("home", "obama", "west")
    assert face["kind"] == "member"
    assert 0 < face["distance"] < 0.5
    assert face["score"] > face["threshold"]
    assert answer["coverage"] == {
        "asked": 1,
        "answered": 1,
        "failed": {},
        "skipped": {},
        "unawaited": [],
        "directory": None,
        "complete": True,
    }


def test_a_member_of_another_store_is_found_by_fan_out(gateway: httpx.Client) -> None:
    answer = post(gateway, "north", sample("obama_partial_face2.jpg"))
    [face] = answer["faces"]

    assert (face["match"], face["face_id"], face["store"]) == ("roaming", "obama", "west")
    assert (answer["coverage"]["asked"], answer["coverage"]["answered"]) == (3, 3)
    assert answer["coverage"]["complete"]


def test_a_stranger_gets_a_face_id_and_keeps_it(gateway: httpx.Client) -> None:
    [first] = post(gateway, "north", sample("biden.jpg"))["faces"]
    [second] = post(gateway, "north", mirrored("biden.jpg"))["faces"]
    forget(gateway, "north", first["face_id"])

    assert (first["match"], first["kind"], first["provisional"]) == ("new", "visitor", False)
    assert first["face_id"].startswith("v-")
    assert (second["match"], second["face_id"]) == ("home", first["face_id"])


def test_a_visitor_of_one_store_is_a_stranger_to_the_next(gateway: httpx.Client) -> None:
    [here] = post(gateway, "north", sample("biden.jpg"))["faces"]
    [there] = post(gateway, "east", sample("biden.jpg"), mint=False)["faces"]
    forget(gateway, "north", here["face_id"])

    assert (there["match"], there["face_id"], there["store"]) == ("unknown", None, None)


def test_without_minting_nothing_is_stored(gateway: httpx.Client) -> None:
    before = gateway.get("/v1/stores/north/faces").json()

    [face] = post(gateway, "north", sample("biden.jpg"), mint=False)["faces"]

    assert (face["match"], face["face_id"]) == ("unknown", None)
    assert gateway.get("/v1/stores/north/faces").json() == before


def test_two_frames_of_a_stranger_at_once_are_one_face_id(gateway: httpx.Client) -> None:
    pictures = [sample("biden.jpg"), mirrored("biden.jpg")] * 2
    with ThreadPoolExecutor(len(pictures)) as cameras:
        answers = list(cameras.map(lambda picture: post(gateway, "north", picture), pictures))
    faces = [answer["faces"][0] for answer in answers]
    forget(gateway, "north", faces[0]["face_id"])

    assert len({face["face_id"] for face in faces}) == 1
    assert sorted(face["match"] for face in faces) == ["home", "home", "home", "new"]


def test_every_face_of_a_picture_is_answered_for_itself(gateway: httpx.Client) -> None:
    group = Image.new("RGB", (1500, 600), "white")
    heads = [
        opened("obama2.jpg"),
        opened("astronaut.png").crop((128, 0, 384, 256)).resize((500, 500)),
        opened("biden.jpg"),
    ]
    for place, head in enumerate(heads):
        group.paste(ImageOps.contain(head.convert("RGB"), (500, 600)), (500 * place, 0))

    answer = post(gateway, "west", encoded(group, "JPEG", quality=95), mint=False)
    by_place = sorted(answer["faces"], key=lambda face: face["box"]["left"])

    assert [(face["match"], face["face_id"], face["store"]) for face in by_place] == [
        ("home", "obama", "west"),
        ("roaming", "collins", "east"),
        ("unknown", None, None),
    ]


def test_an_empty_frame_is_no_error(gateway: httpx.Client) -> None:
    frame = encoded(Image.new("RGB", (640, 480), "gray"), "JPEG")

    assert post(gateway, "west", frame)["faces"] == []


def test_the_best_candidates_are_shown_whether_or_not_they_pass(gateway: httpx.Client) -> None:
    [face] = post(gateway, "north", sample("biden.jpg"), mint=False, candidates=5)["faces"]
    shown = [(candidate["face_id"], candidate["store"]) for candidate in face["candidates"]]

    assert face["match"] == "unknown"
    assert sorted(shown) == [("collins", "east"), ("obama", "west")]
    assert [candidate["passes"] for candidate in face["candidates"]] == [False, False]
    assert all(candidate["score"] < face["threshold"] for candidate in face["candidates"])


KINDS = {
    "png": ("RGB", "PNG"),
    "webp": ("RGB", "WEBP"),
    "heic": ("RGB", "HEIF"),
    "avif": ("RGB", "AVIF"),
    "bmp": ("RGB", "BMP"),
    "tiff": ("RGB", "TIFF"),
    "gif": ("RGB", "GIF"),
    "grey": ("L", "PNG"),
    "alpha": ("RGBA", "PNG"),
    "cmyk": ("CMYK", "JPEG"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_of_any_common_kind_is_recognised(gateway: httpx.Client, kind: str) -> None:
    mode, container = KINDS[kind]

    faces = post(gateway, "west", encoded(opened("obama.jpg").convert(mode), container))["faces"]

    assert [face["face_id"] for face in faces] == ["obama"]


def test_a_form_upload_is_recognised(gateway: httpx.Client) -> None:
    answer = gateway.post(
        "/v1/stores/west/recognize", files={"image": ("x.jpg", sample("obama.jpg"))}
    )

    assert [face["face_id"] for face in answer.json()["faces"]] == ["obama"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "EMPTY_PICTURE"),
        (b"not a picture", 415, "UNSUPPORTED_PICTURE"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "UNSUPPORTED_PICTURE"),
        (sample("obama.jpg")[:5000], 422, "BROKEN_PICTURE"),
        (png_of_zeros(30_000, 30_000), 413, "TOO_MANY_PIXELS"),
        (b"\xff" * 20_000_001, 413, "BODY_TOO_LARGE"),
    ],
    ids=["empty", "text", "svg", "truncated", "bomb", "too large"],
)
def test_a_bad_picture_is_refused_with_its_reason(
    gateway: httpx.Client, body: bytes, status: int, code: str
) -> None:
    answer = gateway.post("/v1/stores/west/recognize", content=body, headers=JPEG)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_store_that_is_not_in_the_map_is_unknown(gateway: httpx.Client) -> None:
    answer = gateway.post("/v1/stores/south/recognize", content=sample("obama.jpg"))

    assert (answer.status_code, answer.json()["code"]) == (404, "UNKNOWN_STORE")


def test_an_enrolled_person_is_found_until_erased(gateway: httpx.Client) -> None:
    enrolled = gateway.post(
        "/v1/stores/east/faces",
        files={"image": ("biden.jpg", sample("biden.jpg"))},
        data={"face_id": "joe", "member_id": "m-46"},
    )
    [known] = post(gateway, "north", mirrored("biden.jpg"))["faces"]
    record = gateway.get("/v1/stores/east/faces/joe").json()
    erased = gateway.delete("/v1/stores/east/faces/joe")
    [after] = post(gateway, "north", mirrored("biden.jpg"), mint=False)["faces"]

    assert enrolled.status_code == 201, enrolled.text
    assert (known["match"], known["face_id"]) == ("roaming", "joe")
    assert known["member"]["member_id"] == "m-46"
    assert (record["kind"], len(record["templates"])) == ("member", 1)
    assert erased.json()["templates"] == 1
    assert after["match"] == "unknown"
    assert gateway.get("/v1/stores/east/faces/joe").json()["code"] == "UNKNOWN_FACE"


@pytest.mark.parametrize(("name", "code"), [("empty", "NO_FACE"), ("group", "SEVERAL_FACES")])
def test_a_picture_without_one_face_is_not_enrolled(
    gateway: httpx.Client, name: str, code: str
) -> None:
    group = Image.new("RGB", (1024, 512), "gray")
    if name == "group":
        for left in (0, 512):
            group.paste(opened("astronaut.png").convert("RGB"), (left, 0))

    answer = gateway.post(
        "/v1/stores/east/faces",
        files={"image": ("x.png", encoded(group, "PNG"))},
        data={"face_id": "crowd"},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert gateway.get("/v1/stores/east/faces/crowd").status_code == 404


def test_search_finds_a_person_in_any_store(gateway: httpx.Client) -> None:
    answer = gateway.post("/v1/search", content=sample("obama3.jpg"), headers=JPEG).json()
    [face] = answer["faces"]

    assert (face["match"]["face_id"], face["match"]["store"]) == ("obama", "west")
    assert answer["coverage"]["complete"]


@pytest.mark.parametrize(("other", "same"), [("obama3.jpg", True), ("biden.jpg", False)])
def test_two_pictures_are_compared(gateway: httpx.Client, other: str, same: bool) -> None:
    answer = gateway.post(
        "/v1/compare",
        files=[("image", ("a.jpg", sample("obama.jpg"))), ("image", ("b.jpg", sample(other)))],
    )

    assert answer.json()["same"] is same


def test_a_request_is_followed_through_the_logs_of_both_services(
    gateway: httpx.Client, shared_cluster: Cluster
) -> None:
    gateway.post(
        "/v1/stores/west/recognize",
        content=sample("obama.jpg"),
        headers={**JPEG, "X-Request-ID": "follow-me"},
    )

    for service in (shared_cluster.gateway, shared_cluster.shards["west"]):
        lines = [json.loads(line) for line in service.log.read_text().splitlines() if "{" in line]
        assert any(line["request_id"] == "follow-me" for line in lines)


def test_no_answer_holds_a_vector(gateway: httpx.Client) -> None:
    answer = post(gateway, "north", sample("biden.jpg"), candidates=3, mint=False)

    assert "vector" not in json.dumps(answer)


def test_a_shard_alone_serves_the_plain_call(shared_cluster: Cluster) -> None:
    url = f"{shared_cluster.shards['west'].url}/recognize"
    known = plain_http.post(url, files={"image": ("x.jpg", sample("obama3.jpg"))}).json()
    stranger = plain_http.post(url, files={"image": ("x.jpg", sample("biden.jpg"))}).json()

    assert known["result"] == "obama"
    assert stranger["result"] is None
    assert stranger["faces"][0].get("vector") is None


def test_who_is_said_to_be_somebody_else_is_not_taken_for_the_member_again(
    gateway: httpx.Client,
) -> None:
    """Whoever is like the member: other pictures, tracks and other stores are no way around it."""
    [seen] = post(gateway, "west", sample("obama_partial_face.jpg"), camera="not")["faces"]
    assert seen["face_id"] == "obama"

    path = "/v1/stores/west/faces/obama/not"
    answer = gateway.post(path, json={"visit": seen["visit"]["id"]}).json()

    stranger = answer["other"]["face_id"]
    again = [
        post(gateway, "west", picture, camera="not", **more)["faces"][0]
        for picture in (sample("obama_partial_face.jpg"), mirrored("obama_partial_face.jpg"))
        for more in ({}, {"track": "not"}, {"visit": False, "mint": False})
    ]
    [elsewhere] = post(gateway, "north", sample("obama_partial_face.jpg"), mint=False)["faces"]
    [card] = [
        card
        for card in gateway.get("/v1/stores/west/present").json()["visits"]
        if card["face_id"] in {"obama", stranger}
    ]
    forget(gateway, "west", stranger)
    assert {face["face_id"] for face in again} == {stranger}
    assert elsewhere["match"] == "unknown"
    assert (card["face_id"], card["visit"]) == (stranger, seen["visit"]["id"])
    [back] = post(gateway, "west", sample("obama_partial_face.jpg"), visit=False)["faces"]
    assert back["face_id"] == "obama"
