"""Hostile files through the HTTP of a real shard: refused soon, and the shard serves on."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from tests import plain_http
from tests.cluster.processes import Service
from tests.encoder.hostile import HOSTILE
from tests.encoder.picture_files import gif_with_frames
from tests.encoder.processes import cpu_seconds, linux_only, peak_memory, workers_of
from tests.pictures import sample
from tests.ports import free_port

pytestmark = [linux_only, pytest.mark.processes]


@pytest.fixture(scope="module")
def shard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A shard with one worker."""
    folder = tmp_path_factory.mktemp("shard")
    stores = folder / "stores.yaml"
    stores.write_text("s: 127.0.0.1:5001", encoding="utf-8")
    environment = {
        "FACEGATE_STORES": str(stores),
        "FACEGATE_DATA": str(folder / "data"),
        "FACEGATE_ENCODER_WORKERS": "1",
    }
    service = Service("shard", ["--store", "s"], free_port(), environment, folder / "log")
    service.start()
    try:
        service.wait_ready()
        yield service
    finally:
        service.stop()


def _worker(shard: Service) -> int:
    (worker,) = workers_of(shard.process.pid)
    return worker


@pytest.mark.parametrize("path", ["/recognize", "/faces?face_id=x"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_is_refused_and_costs_nobody_else(kind: str, path: str, shard: Service) -> None:
    make, error = HOSTILE[kind]
    picture, worker = make(), _worker(shard)
    used = cpu_seconds(worker)

    answer = plain_http.post(f"{shard.url}{path}", content=picture)

    assert (answer.status_code, answer.json()["code"]) == (error.status, error.code)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert cpu_seconds(worker) - used < 1
    assert _worker(shard) == worker
    assert peak_memory(worker) < 320_000_000


def test_a_face_is_recognised_after_all_of_them(shard: Service) -> None:
    answer = plain_http.post(f"{shard.url}/recognize", content=sample("obama.jpg"))
    assert len(answer.json()["faces"]) == 1


def test_a_picture_with_more_behind_it_is_no_more_than_a_picture(shard: Service) -> None:
    """Telephones append films to photographs. What follows is never looked at."""
    polyglot = sample("obama.jpg") + b"PK\x03\x04" + bytes(1000) + b"<script>x()</script>"
    answer = plain_http.post(f"{shard.url}/recognize", content=polyglot)
    assert len(answer.json()["faces"]) == 1


def test_an_animation_of_some_frames_is_its_first_one(shard: Service) -> None:
    with_frames = gif_with_frames(_portrait(), 500)
    answer = plain_http.post(f"{shard.url}/recognize", content=with_frames)
    assert answer.status_code == 200


def _portrait() -> Image.Image:
    with Image.open(io.BytesIO(sample("biden.jpg"))) as image:
        return image.convert("L")
