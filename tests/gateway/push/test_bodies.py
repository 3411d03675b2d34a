"""Whatever a picture is wrapped in, it is recognized; what has none is answered 200 and counted."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.push.event_document import MOST_LEAVES
from gateway.push.pushed_body import PushedBody
from tests.gateway.fake_chain import ANNA, BOB, STRANGER, Chain
from tests.gateway.push.bodies import (
    BOUNDARY,
    Body,
    Piece,
    bare_part,
    form_part,
    hikvision_xml,
    in_base64,
    joined,
    json_body,
)
from tests.gateway.push.camera_shard import (
    BROKEN,
    PATH,
    counted,
    jpeg,
    push,
    pushed_to,
    shard_of,
    visits,
)

SCENE = jpeg(ANNA, size=900)
CROP = jpeg(ANNA, size=300)
TEXT = form_part("event", b"hello", "text/plain")
FIELDS = [form_part(name, b"1", "text/plain") for name in ("a", "b", "c")]


@pytest.fixture
async def camera(tmp_path: Path) -> AsyncIterator[Chain]:
    async with pushed_to(tmp_path) as chain:
        yield chain


WRAPPED = {
    "raw": Body("image/jpeg", SCENE),
    "raw, of any type": Body("application/octet-stream", SCENE),
    "raw, without a type": Body("", SCENE),
    "raw, as curl -d sends it": Body("application/x-www-form-urlencoded", SCENE),
    "raw, said to be a form": Body("multipart/form-data", SCENE),
    "a form": joined("form-data", form_part("image", SCENE, file="a.jpg")),
    "a form with any name and no file name": joined("form-data", form_part("Picture", SCENE)),
    "a form with texts": joined("form-data", *FIELDS, form_part("x", SCENE), TEXT),
    "mixed, without names": joined(
        "mixed", bare_part(b"Heartbeat", "text/plain"), bare_part(SCENE)
    ),
    "without a header": joined("mixed", Piece((), SCENE)),
    "without a last boundary": joined("x-mixed-replace", bare_part(SCENE), last=False),
    "lines that end in LF": joined("mixed", bare_part(SCENE), end=b"\n"),
    "no type, but parts": joined("mixed", bare_part(SCENE))._replace(content_type=""),
    "a boundary with its dashes": joined("mixed", bare_part(SCENE))._replace(
        content_type=f"multipart/mixed; boundary=--{BOUNDARY}"
    ),
    "something before it": Body(
        f"multipart/mixed; boundary={BOUNDARY}",
        b"\r\n\r\n\r\n" + joined("mixed", bare_part(SCENE)).content,
    ),
    "a part in base64": joined(
        "mixed",
        Piece(
            ("Content-Type: image/jpeg", "Content-Transfer-Encoding: base64"),
            in_base64(SCENE).encode(),
        ),
    ),
    "JSON": json_body({"image": in_base64(SCENE)}),
    "JSON, of any name and depth": json_body({"a": [{"b": {"Foto": in_base64(SCENE)}}]}),
    "JSON with a data URI": json_body({"x": "data:image/jpeg;base64," + in_base64(SCENE)}),
    "JSON without a type": json_body({"x": in_base64(SCENE)})._replace(content_type=""),
    "JSON as a part": joined(
        "form-data", form_part("e", json_body({"x": in_base64(SCENE)}).content, "text/plain")
    ),
    "a field in base64": joined(
        "form-data", form_part("img", in_base64(SCENE).encode(), "text/plain")
    ),
    "a data URI": Body("text/plain", b"data:image/jpeg;base64," + in_base64(SCENE).encode()),
    "a form that is URL-encoded": Body(
        "application/x-www-form-urlencoded", b"t=1&image=" + in_base64(SCENE).encode()
    ),
    "XML": Body("text/xml", f"<a><Pic>{in_base64(SCENE)}</Pic></a>".encode()),
}


@pytest.mark.parametrize("how", WRAPPED)
async def test_a_picture_is_recognized_whatever_it_is_wrapped_in(camera: Chain, how: str) -> None:
    answer = await push(camera, WRAPPED[how])

    assert (answer.status_code, answer.text) == (200, "OK: 1 face\n")
    assert shard_of(camera).pictures == [SCENE]
    assert await visits(camera) == (1, 1)


async def test_put_is_the_same(camera: Chain) -> None:
    answer = await push(camera, Body("image/jpeg", SCENE), "PUT")

    assert (answer.status_code, answer.text) == (200, "OK: 1 face\n")
    assert await visits(camera) == (1, 1)


NO_PICTURE = {
    "nothing": Body("image/jpeg", b""),
    "a heartbeat": joined("x-mixed-replace", bare_part(b"Heartbeat", "text/plain")),
    "motion": Body("application/xml", hikvision_xml("2026-05-04T09:30:00+08:00")),
    "a form of texts": joined("form-data", *FIELDS),
    "JSON": json_body({"event": "alive"}),
    "an address that is no picture's": json_body(
        {"eventType": "x", "callback": "http://192.0.2.1/x", "xmlns": "http://www.onvif.org/a"}
    ),
}


@pytest.mark.parametrize("what", NO_PICTURE)
async def test_an_event_without_a_picture_is_no_error(camera: Chain, what: str) -> None:
    answer = await push(camera, NO_PICTURE[what])

    assert (answer.status_code, answer.text) == (200, "OK: no picture\n")
    maker = "hikvision" if what == "motion" else "other"
    assert await counted(camera, maker, "no_picture")
    assert shard_of(camera).pictures == []


ADDRESSES = {
    "by its name": json_body({"eventType": "x", "bkgUrl": "http://192.0.2.1/pic?id=7"}),
    "by its ending": json_body({"result": [{"x": "https://192.0.2.1/a/7.JPG?x=1"}]}),
    "in XML": Body(
        "application/xml",
        hikvision_xml("2026-05-04T09:30:00+08:00", more="<picURL>ftp://192.0.2.1/7</picURL>"),
    ),
}


@pytest.mark.parametrize("what", ADDRESSES)
async def test_the_address_of_a_picture_is_not_fetched_and_the_cameras_page_says_so(
    camera: Chain, what: str
) -> None:
    answer = await push(camera, ADDRESSES[what])

    assert (answer.status_code, answer.text) == (200, "OK: picture address\n")
    maker = "hikvision" if what == "in XML" else "other"
    assert await counted(camera, maker, "picture_address")
    assert shard_of(camera).pictures == []
    [door] = (await camera.http.get("/v1/cameras")).json()["cameras"]
    assert (door["frames"], door["refused"], door["hints"]) == (0, 1, ["PICTURE_ADDRESS"])


UNREADABLE = {
    "no picture": Body("image/jpeg", b"\x00\x01\x02\xff" * 50),
    "JSON that breaks off": Body("application/json", b'{"a": '),
    "JSON that is too deep": Body("application/json", b"[" * 100 + b"]" * 100),
    "JSON that is too much": Body("application/json", b"[" + b"1," * 30_000 + b"1]"),
    "XML that breaks off": Body("text/xml", b"<a><b>"),
    "XML with entities": Body("text/xml", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'),
    "XML that is too deep": Body("text/xml", b"<a>" * 100 + b"</a>" * 100),
    "XML that is too much": Body("text/xml", b"<a>" + b"<b/>" * 50_000 + b"</a>"),
    "parts without an end of their headers": Body(
        f"multipart/mixed; boundary={BOUNDARY}", f"--{BOUNDARY}\r\nx".encode()
    ),
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_what_cannot_be_read_does_not_make_a_camera_repeat_it(
    camera: Chain, what: str
) -> None:
    answer = await push(camera, UNREADABLE[what])

    assert (answer.status_code, answer.text) == (200, "OK: unreadable\n")
    assert await counted(camera, "other", "unreadable")


async def test_a_broken_picture_does_not_make_a_camera_repeat_it(
    camera: Chain, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await push(camera, Body("image/jpeg", BROKEN))

    assert (answer.status_code, answer.text) == (200, "OK: refused picture\n")
    assert await counted(camera, "other", "refused_picture")
    assert "BROKEN_PICTURE" in caplog.text
    assert await visits(camera) == (0, 0)


async def test_what_may_succeed_later_is_sent_again(camera: Chain) -> None:
    await shard_of(camera).stop()
    down = await push(camera, Body("image/jpeg", SCENE))
    await shard_of(camera).start()
    again = await push(camera, Body("image/jpeg", SCENE))

    assert down.status_code == 503
    assert (again.status_code, again.text) == (200, "OK: 1 face\n")


async def test_the_scene_is_looked_at_once_and_not_the_face_that_was_cut_out(
    camera: Chain,
) -> None:
    pictures = [form_part("faceImage", CROP), form_part("backgroundImage", jpeg(ANNA, STRANGER))]

    answer = await push(camera, joined("form-data", *pictures))

    assert answer.text == "OK: 2 faces\n"
    assert shard_of(camera).pictures == [jpeg(ANNA, STRANGER)]
    assert await visits(camera) == (2, 2)


async def test_the_largest_picture_is_the_scene_where_none_is_called_so(camera: Chain) -> None:
    await push(camera, joined("mixed", bare_part(CROP), bare_part(SCENE), bare_part(CROP)))

    assert shard_of(camera).pictures == [SCENE]


async def test_a_face_that_was_cut_out_is_enough(camera: Chain) -> None:
    answer = await push(camera, joined("form-data", form_part("faceImage", CROP)))

    assert answer.text == "OK: 1 face\n"
    assert await visits(camera) == (1, 1)


async def test_faces_that_were_cut_out_count_where_the_scene_shows_nobody(camera: Chain) -> None:
    small = [form_part("face1", CROP), form_part("face2", jpeg(STRANGER))]

    answer = await push(camera, joined("form-data", form_part("scene", jpeg(size=900)), *small))

    assert answer.text == "OK: 2 faces\n"
    assert await visits(camera) == (2, 2)


async def test_faces_that_were_cut_out_count_where_the_scene_is_broken(camera: Chain) -> None:
    answer = await push(
        camera, joined("form-data", form_part("scene", BROKEN), form_part("face", CROP))
    )

    assert answer.text == "OK: 1 face\n"


async def test_somebody_in_the_cameras_library_did_not_come(camera: Chain) -> None:
    alone = await push(camera, joined("form-data", form_part("faceLibImage", CROP)))
    both = await push(
        camera, joined("form-data", form_part("faceLibImage", jpeg(BOB)), form_part("face", CROP))
    )

    assert (alone.text, both.text) == ("OK: nobody\n", "OK: 1 face\n")
    assert await visits(camera) == (1, 1)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/stores/nowhere/cameras/door/push", 404),
        ("/v1/stores/store-a/cameras/%00/push", 422),
        ("/v1/stores/store-a/cameras/" + "x" * 101 + "/push", 422),
        (PATH + "?track=%00", 422),
        (PATH + "?frame=", 422),
    ],
)
async def test_a_wrong_address_is_an_error(camera: Chain, path: str, status: int) -> None:
    answer = await camera.http.post(path, content=SCENE)

    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )


@pytest.mark.parametrize("text", [b"<a>" + b"<b/>" * 2000 + b"</a>", b"[" + b"1," * 4000 + b"1]"])
def test_what_a_body_says_is_bounded(text: bytes) -> None:
    many = joined("mixed", *[bare_part(text, "text/plain")] * 900, bare_part(SCENE))

    read = PushedBody.of(*many)

    assert [picture.file for picture in read.pictures] == [SCENE]
    assert len(read.document.leaves) <= 2 * MOST_LEAVES
    assert len(read.unreadable) >= 850


async def test_get_is_told_what_openapi_lists(camera: Chain) -> None:
    answer = await camera.http.get(PATH)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, PUT")


async def test_openapi_has_the_door(camera: Chain) -> None:
    document = (await camera.http.get("/openapi.json")).json()
    operation = document["paths"]["/v1/stores/{store}/cameras/{camera}/push"]["post"]

    assert operation["operationId"] == "push"
    assert {"200", "400", "404", "409", "413", "422", "503"} <= operation["responses"].keys()
    assert "415" not in operation["responses"]
    json.dumps(document)
