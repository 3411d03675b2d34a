"""Whatever goes wrong has one shape and a stable code; nothing internal is shown."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from contract.errors import ConfigurationError
from encoder import Face
from tests.shard.conftest import StartShard, ready, start_importing
from tests.shard.fakes import DIMENSION, FakeEncoder, picture_of, vector_of

MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "code", "request_id"}
    assert body["status"] == answer.status_code
    assert body["request_id"] == answer.headers["X-Request-ID"]
    return answer.status_code, body["code"]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/nowhere", (404, "NOT_FOUND")),
        ("GET", "/recognize", (405, "METHOD_NOT_ALLOWED")),
        ("POST", "/recognize?candidates=21", (422, "INVALID_PARAMETER")),
        ("POST", "/recognize?rate=nan", (422, "INVALID_PARAMETER")),
        ("POST", "/search?scope=strangers", (422, "INVALID_PARAMETER")),
        ("POST", f"/search?templates=1{'0' * 400}", (422, "INVALID_PARAMETER")),
        ("POST", f"/search?templates=1{'0' * 12}1", (422, "INVALID_PARAMETER")),
        ("GET", "/faces?limit=0", (422, "INVALID_PARAMETER")),
        ("GET", "/faces/nobody", (404, "UNKNOWN_FACE")),
        ("GET", "/faces/%20", (400, "BAD_REQUEST")),
        ("POST", "/recognize", (400, "EMPTY_PICTURE")),
        ("POST", "/encode", (400, "EMPTY_PICTURE")),
        ("POST", "/compare", (400, "BAD_REQUEST")),
        ("POST", "/faces", (400, "BAD_REQUEST")),
        ("POST", "/faces?face_id=a", (400, "EMPTY_PICTURE")),
    ],
)
async def test_every_error_has_the_one_shape(
    shard: httpx.AsyncClient, method: str, path: str, expected: tuple[int, str]
) -> None:
    assert problem(await shard.request(method, path)) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"garbage",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
        b"--b\r\n\r\n\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="other"; filename="x"\r\n\r\nx\r\n--b--\r\n',
    ],
)
async def test_a_broken_form_is_a_bad_request(shard: httpx.AsyncClient, body: bytes) -> None:
    status, code = problem(await shard.post("/recognize", content=body, headers=MULTIPART))

    assert (status, code) in [(400, "BAD_REQUEST"), (400, "EMPTY_PICTURE")]


async def test_a_form_without_a_boundary_is_a_bad_request(shard: httpx.AsyncClient) -> None:
    answer = await shard.post(
        "/recognize", content=b"x", headers={"Content-Type": "multipart/form-data"}
    )

    assert problem(answer) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("path", ["/recognize", "/faces?face_id=a", "/encode"])
async def test_a_body_that_does_not_arrive_is_given_up(start_shard: StartShard, path: str) -> None:
    shard = await start_shard(body_seconds=0.05)
    await ready(shard)

    async def slow() -> AsyncIterator[bytes]:
        yield b"faces"
        await asyncio.Event().wait()

    assert problem(await shard.post(path, content=slow())) == (408, "SLOW_BODY")


async def test_a_body_that_is_too_large_is_refused(start_shard: StartShard) -> None:
    shard = await start_shard(max_body_bytes=1000)
    await ready(shard)

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 600

    files = {"image": ("x", b"x" * 1001)}
    for path in ["/recognize", "/faces?face_id=a", "/encode"]:
        assert problem(await shard.post(path, content=b"x" * 1001)) == (413, "BODY_TOO_LARGE")
        assert problem(await shard.post(path, files=files)) == (413, "BODY_TOO_LARGE")
        assert problem(await shard.post(path, content=endless())) == (413, "BODY_TOO_LARGE")


async def test_pictures_of_many_megabytes_stay_in_memory_and_arrive_whole(
    shard: httpx.AsyncClient, encoder: FakeEncoder
) -> None:
    picture = picture_of(1, take="x" * 3_000_000)

    answer = await shard.post("/recognize", files={"image": ("x.jpg", picture)})

    assert answer.status_code == 200
    assert encoder.encoded == [picture]


async def test_before_the_import_is_over_nobody_is_called_a_stranger(
    start_shard: StartShard, encoder: FakeEncoder, tmp_path: Path
) -> None:
    shard = await start_importing(start_shard, tmp_path / "gallery", encoder)
    vector, headers = vector_of(2).tobytes(), {"X-Face-Model": encoder.model}

    assert problem(await shard.get("/readyz")) == (503, "NOT_READY")
    assert "0 of 1" in (await shard.get("/readyz")).json()["detail"]
    assert problem(await shard.post("/recognize", content=picture_of(2))) == (503, "NOT_READY")
    for path in ["/search", "/faces/mint"]:
        answer = await shard.post(path, content=vector, headers=headers)
        assert problem(answer) == (503, "NOT_READY")
        assert answer.headers["Retry-After"] == "1"
    assert (await shard.get("/healthz")).status_code == 200
    assert (await shard.get("/status")).json()["importing"] == "importing pictures: 0 of 1"

    encoder.gate.set()
    await ready(shard)
    assert (await shard.post("/recognize", content=picture_of(1))).json()["result"] == "a"


async def test_a_gallery_of_another_model_is_not_served(start_shard: StartShard) -> None:
    first = await start_shard()
    await first.post("/faces", params={"face_id": "a"}, content=picture_of(1))

    with pytest.raises(ConfigurationError, match="model 'fake-v1', the encoder is 'new-v2'"):
        await start_shard(FakeEncoder(model="new-v2"), read_only=True)


async def test_a_gallery_of_another_dimension_is_not_served(start_shard: StartShard) -> None:
    first = await start_shard()
    await first.post("/faces", params={"face_id": "a"}, content=picture_of(1))

    with pytest.raises(ConfigurationError, match=f"dimension {DIMENSION}, the encoder's 99"):
        await start_shard(FakeEncoder(dimension=99), read_only=True)


class DefectiveEncoder(FakeEncoder):
    """Raises what nobody expects."""

    def faces_in(self, picture: bytes, to_enroll: bool) -> list[Face]:
        raise RuntimeError("secret internals")


async def test_an_unexpected_error_shows_nothing_internal(
    start_shard: StartShard, caplog: pytest.LogCaptureFixture
) -> None:
    shard = await start_shard(DefectiveEncoder())
    await ready(shard)

    answer = await shard.post("/recognize", content=picture_of(1))

    assert problem(answer) == (500, "INTERNAL")
    assert "secret" not in answer.text
    assert "secret internals" in caplog.text


async def test_metrics_show_requests_stages_and_sizes(shard: httpx.AsyncClient) -> None:
    await shard.post("/faces", params={"face_id": "a"}, content=picture_of(1))
    await shard.post("/recognize", content=picture_of(1))
    await shard.get("/nowhere")

    text = (await shard.get("/metrics")).text

    for line in [
        'facegate_shard_requests_total{method="POST",route="/recognize",status="200"} 1.0',
        'facegate_shard_requests_total{method="GET",route="unmatched",status="404"} 1.0',
        'facegate_shard_stage_seconds_count{stage="encode",store="s"} 2.0',
        'facegate_shard_stage_seconds_count{stage="search",store="s"} 1.0',
        'facegate_shard_stage_seconds_count{stage="total",store="s"} 1.0',
        'facegate_shard_faces{store="s"} 1.0',
        'facegate_shard_members{store="s"} 1.0',
        'facegate_shard_templates{store="s"} 1.0',
        'facegate_shard_seq{store="s"} 3.0',
        'facegate_shard_ready{store="s"} 1.0',
        'facegate_shard_encoder_waiting{store="s"} 0.0',
    ]:
        assert line in text


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_no_page_asks_the_internet_for_scripts(shard: httpx.AsyncClient, path: str) -> None:
    answer = await shard.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_openapi_describes_every_route(shard: httpx.AsyncClient) -> None:
    paths = (await shard.get("/openapi.json")).json()["paths"]

    assert {"/recognize", "/search", "/faces/{face_id}", "/erase", "/status"} <= set(paths)
    for route in paths.values():
        for operation in route.values():
            assert {"4XX", "5XX"} <= set(operation["responses"])
    undocumented = {
        path
        for path, route in paths.items()
        for operation in route.values()
        if not any(
            "example" in content
            for answer in operation["responses"].values()
            for content in answer.get("content", {}).values()
        )
    }
    assert undocumented == {"/healthz", "/readyz", "/metrics"}
