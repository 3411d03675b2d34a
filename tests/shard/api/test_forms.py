"""Forms as clients of every kind send them, on every route that takes pictures."""

import base64
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from shard.app import create_app
from shard.settings import ShardSettings
from tests.shard.conftest import RunningShard, ready, store_of
from tests.shard.fakes import FakeEncoder, picture_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

PICTURE = picture_of(1)
ROUTES = ["/recognize", "/encode", "/faces?face_id=a"]


def form(*parts: tuple[str, bytes], end: bytes = b"\r\n--b--\r\n") -> bytes:
    """Return a body of parts, each of its header lines and what it holds."""
    bodies = [b"--b\r\n" + head.encode() + b"\r\n\r\n" + content for head, content in parts]
    return b"\r\n".join(bodies) + end


def named(options: str, *lines: str) -> str:
    return "\r\n".join([f"Content-Disposition: form-data; {options}", *lines])


IMAGE = 'name="image"'
TYPE = "Content-Type: image/jpeg"
LINES = base64.encodebytes(PICTURE).replace(b"\n", b"\r\n")


@pytest.fixture(scope="module")
def only_encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def only_shard(
    only_encoder: FakeEncoder, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningShard]:
    """One shard for all."""
    settings = ShardSettings(store="s", data=tmp_path_factory.mktemp("forms"), encoder_workers=2)
    shard = RunningShard(create_app(settings, [store_of()], only_encoder))
    await shard.start()
    await ready(shard)
    yield shard
    await shard.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def shard(only_shard: RunningShard) -> AsyncIterator[RunningShard]:
    """Nobody is enrolled."""
    yield only_shard
    await only_shard.delete("/faces/a")


@pytest.fixture
def encoder(only_encoder: FakeEncoder) -> FakeEncoder:
    """It has not encoded anything."""
    only_encoder.encoded.clear()
    return only_encoder


async def post(
    shard: httpx.AsyncClient, path: str, body: bytes, kind: str = "multipart/form-data; boundary=b"
) -> httpx.Response:
    return await shard.post(path, content=body, headers={"Content-Type": kind})


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "body",
    [
        form((named(IMAGE, TYPE), PICTURE)),  # Node, .NET, Go: bytes without a filename
        form((named(IMAGE), PICTURE)),
        form((named("name=image; filename=x.jpg"), PICTURE)),
        form((named('name="image"; filename=""', TYPE), PICTURE)),
        form((named("name=\"image\"; filename*=UTF-8''%e9.jpg", TYPE), PICTURE)),
        form((named('name="image[]"; filename="x.jpg"'), PICTURE)),
        form((named('name="image[0]"'), PICTURE)),
        form((f"content-type: image/jpeg\r\ncontent-disposition: FORM-DATA; {IMAGE}", PICTURE)),
        form((named(IMAGE, TYPE, "Content-Transfer-Encoding: binary"), PICTURE)),
        form((named(IMAGE, TYPE, "Content-Transfer-Encoding: base64"), LINES)),
        form((named(IMAGE, TYPE), PICTURE), end=b"\r\n--b--"),
        form((named(IMAGE, TYPE), PICTURE), end=b"\r\n--b--\r\nan epilogue"),
        b"a preamble\r\n" + form((named(IMAGE, TYPE), PICTURE)),
        form((named('name="image"; filename="x.jpg"'), PICTURE), (named('name="other"'), b"text")),
        form((named('name="other"; filename="y"'), b"a file"), (named(IMAGE, TYPE), PICTURE)),
        form(*[(named(f'name="field-{n}"'), b"text") for n in range(99)], (named(IMAGE), PICTURE)),
    ],
)
async def test_a_picture_is_found(
    shard: httpx.AsyncClient, encoder: FakeEncoder, route: str, body: bytes
) -> None:
    answer = await post(shard, route, body)

    assert answer.status_code in {200, 201}, answer.text
    assert encoder.encoded == [PICTURE]


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        ('multipart/form-data; boundary="b"', named(IMAGE)),
        ("Multipart/Form-Data;BOUNDARY=b", named(IMAGE)),
        ("multipart/form-data; charset=utf-8; boundary=b", named(IMAGE)),
        ("multipart/mixed; boundary=b", f"{TYPE}\r\nContent-Length: 9"),
        ("multipart/related; boundary=b; type=image/jpeg", TYPE),
        ("multipart/x-mixed-replace; boundary=b", TYPE),
    ],
)
async def test_a_content_type_may_be_written_in_many_ways(
    shard: httpx.AsyncClient, encoder: FakeEncoder, kind: str, head: str
) -> None:
    answer = await post(shard, "/recognize", form((head, PICTURE)), kind)

    assert answer.status_code == 200, answer.text
    assert encoder.encoded == [PICTURE]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (form((named('name="file"; filename="x.jpg"'), PICTURE)), "`file` (file 'x.jpg')"),
        (form((named('name="photo"', TYPE), PICTURE)), "`photo`"),
        (form((named('name="Image"'), b"")), "`Image`"),
        (form((named('name="a"'), b"1"), (named('name="é"'), b"2")), "`a`, `é`"),
        (form(("Content-Type: text/plain", b"hello")), "a part without a name"),
        (form(*[(named(f'name="f{n}"'), b"") for n in range(12)]), "`f9` and 2 more"),
        (b"--b--\r\n", "no parts"),
    ],
)
async def test_who_calls_the_picture_otherwise_is_told_what_was_found(
    shard: httpx.AsyncClient, body: bytes, found: str
) -> None:
    for route in ROUTES:
        answer = await post(shard, route, body)

        assert (answer.status_code, answer.json()["code"]) == (400, "EMPTY_PICTURE")
        assert found in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "ends before"),
        (b"--b", "ends before"),
        (form((named(IMAGE), PICTURE), end=b""), "ends before"),
        (form((named(IMAGE), PICTURE), end=b"\r\n--b\r\n"), "ends before"),
        (b"garbage", "cannot be read"),
        (form((named(IMAGE, "Content-Transfer-Encoding: base64"), b"?")), "base64"),
        (form(*[(named(f'name="{n}"'), b"") for n in range(1001)]), "more than 1000 parts"),
        (form(*[(named(IMAGE), PICTURE)] * 11), "at most 10"),
        (form((named('name="note"'), b"\xff"), (named(IMAGE), PICTURE)), "UTF-8"),
        (form((named(IMAGE), PICTURE), ("x" * 10_000, b"")), "cannot be read"),
    ],
)
async def test_what_is_no_form_is_told_why(
    shard: httpx.AsyncClient, encoder: FakeEncoder, body: bytes, reason: str
) -> None:
    answer = await post(shard, "/recognize", body)

    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")
    assert reason in answer.json()["detail"]
    assert encoder.encoded == []


async def test_fields_of_an_enrolment_come_beside_the_picture(shard: httpx.AsyncClient) -> None:
    fields = [(named(f'name="{name}"'), b"a") for name in ("face_id", "member_id", "source")]
    more = [(named(f'name="x-{n}"'), b"") for n in range(20)]

    answer = await post(shard, "/faces", form(*fields, *more, (named(IMAGE, TYPE), PICTURE)))

    assert answer.status_code == 201
    assert answer.json()["face_id"] == "a"


@pytest.mark.parametrize("names", [("image", "image"), ("image", "other"), ("image[]", "image[]")])
async def test_two_pictures_are_compared_without_filenames(
    shard: httpx.AsyncClient, names: tuple[str, str]
) -> None:
    body = form(*[(named(f'name="{name}"', TYPE), PICTURE) for name in names])

    assert (await post(shard, "/compare", body)).json()["same"] is True


async def test_who_sends_one_picture_to_compare_is_told_what_was_found(
    shard: httpx.AsyncClient,
) -> None:
    answer = await post(shard, "/compare", form((named(IMAGE), PICTURE), (named('name="b"'), b"")))

    assert answer.status_code == 400
    assert "`image`, `b`" in answer.json()["detail"]
