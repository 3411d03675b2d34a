"""The real process with the real encoder: what it survives, and how it starts and ends."""

import os
import resource
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests import plain_http
from tests.cluster.processes import Service, wait_until
from tests.pictures import sample
from tests.shard.conftest import RunShard

pytestmark = pytest.mark.processes


def enroll(shard: Service, face_id: str, picture: str) -> httpx.Response:
    return plain_http.post(
        f"{shard.url}/faces", params={"face_id": face_id}, content=sample(picture)
    )


def mint(shard: Service, vector: bytes, model: str) -> httpx.Response:
    headers = {"X-Face-Model": model}
    rate = {"rate": 1e-9}  # random vectors are far from all faces: two may seem alike in that
    url = f"{shard.url}/faces/mint"
    return plain_http.post(url, params=rate, content=vector, headers=headers)


def status(shard: Service) -> dict[str, object]:
    body: dict[str, object] = plain_http.get(f"{shard.url}/status").json()
    return body


def waiting(shard: Service) -> float:
    """Return how many pictures wait for the encoder's one worker."""
    name = 'facegate_shard_encoder_waiting{store="s"} '
    lines = plain_http.get(f"{shard.url}/metrics").text.splitlines()
    return next(float(line.removeprefix(name)) for line in lines if line.startswith(name))


def recognize(shard: Service, picture: str) -> str | None:
    answer = plain_http.post(f"{shard.url}/recognize", files={"image": ("x", sample(picture))})
    face_id: str | None = answer.json()["result"]
    return face_id


def listed(shard: Service) -> list[str]:
    """Return every FaceId, in the order of the pages."""
    names: list[str] = []
    after: str | None = ""
    while after is not None:
        page = plain_http.get(f"{shard.url}/faces", params={"after": after, "limit": 1000}).json()
        names += [face["face_id"] for face in page["faces"]]
        after = page["next_after"]
    return names


def stranger(number: int) -> bytes:
    """Return a vector that nobody else has, as it is sent."""
    vector = np.zeros(128, "<f4")
    vector[number % 128] = 1 + number
    return vector.tobytes()


def test_real_photographs_are_enrolled_and_recognised(run_shard: RunShard) -> None:
    shard = run_shard()
    shard.start()
    shard.wait_ready()

    assert enroll(shard, "095", "obama.jpg").status_code == 201
    assert recognize(shard, "obama2.jpg") == "095"
    assert recognize(shard, "biden.jpg") is None


def test_no_acknowledged_face_is_lost_when_the_process_is_killed(run_shard: RunShard) -> None:
    shard = run_shard()
    shard.start()
    shard.wait_ready()
    model = str(status(shard)["model"])
    acknowledged: set[str] = set()
    sent = iter(range(100_000))

    for _ in range(2):
        enough = threading.Event()

        def load(enough: threading.Event = enough) -> None:
            while True:
                try:
                    answer = mint(shard, stranger(next(sent)), model)
                except httpx.TransportError:
                    return
                acknowledged.update(face["face_id"] for face in answer.json()["faces"])
                if len(acknowledged) % 20 == 0:
                    enough.set()

        with ThreadPoolExecutor(4) as clients:
            work = [clients.submit(load) for _ in range(4)]
            assert enough.wait(60)
            shard.kill()
            for client in work:
                client.result()
        shard.start()
        shard.wait_ready()

        stored = listed(shard)
        assert len(stored) == len(set(stored))
        assert acknowledged <= set(stored)
        counts = status(shard)["counts"]
        assert counts == {
            "faces": len(stored),
            "members": 0,
            "visitors": len(stored),
            "templates": len(stored),
            "roaming": 0,
            "provisional": 0,
        }
        assert len(stored) - len(acknowledged) <= 4 * 2, "more than was under way at the kills"


def test_a_request_under_way_is_answered_before_the_process_ends(run_shard: RunShard) -> None:
    shard = run_shard()
    shard.start()
    shard.wait_ready()

    with ThreadPoolExecutor(2) as clients:
        with shard.frozen_workers():
            answers = [clients.submit(enroll, shard, "095", "obama.jpg") for _ in range(2)]
            wait_until(lambda: waiting(shard) == 1, "one picture encoded, the other one waiting")
            shard.ask_to_end()
        assert {answer.result().status_code for answer in answers} == {200, 201}

    assert shard.wait_ended() == 0
    shard.start()
    shard.wait_ready()
    assert listed(shard) == ["095"]


def test_a_disk_that_takes_no_more_stops_writes_not_searches(run_shard: RunShard) -> None:
    shard = run_shard()
    shard.start()
    shard.wait_ready()
    model = str(status(shard)["model"])
    assert enroll(shard, "095", "obama.jpg").status_code == 201

    unlimited = resource.prlimit(shard.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(shard.process.pid, resource.RLIMIT_FSIZE, (4096, unlimited[1]))
    refused = [mint(shard, stranger(number), model) for number in range(3)]

    assert {answer.status_code for answer in refused} <= {503, 507}
    assert {answer.json()["code"] for answer in refused} <= {"STORAGE_FULL", "STORAGE_UNAVAILABLE"}
    assert {answer.headers["Retry-After"] for answer in refused} == {"5"}
    assert recognize(shard, "obama2.jpg") == "095"
    assert listed(shard) == ["095"]

    resource.prlimit(shard.process.pid, resource.RLIMIT_FSIZE, unlimited)
    assert mint(shard, stranger(1), model).status_code == 200
    assert len(listed(shard)) == 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_is_answered_507_until_there_is_space(
    run_shard: RunShard, small_disk: Path
) -> None:
    shard = run_shard(data=small_disk)
    shard.start()
    shard.wait_ready()
    model = str(status(shard)["model"])
    first = mint(shard, stranger(0), model).json()["faces"][0]["face_id"]
    ballast = small_disk / "ballast"
    left = os.statvfs(small_disk)
    ballast.write_bytes(b"x" * left.f_bavail * left.f_bsize)

    answer = next(
        answer
        for number in range(1, 1000)
        if (answer := mint(shard, stranger(number), model)).status_code != 200
    )

    assert (answer.status_code, answer.json()["code"]) == (507, "STORAGE_FULL")
    assert mint(shard, stranger(0), model).json()["faces"][0]["face_id"] == first
    before = listed(shard)
    ballast.unlink()
    assert mint(shard, stranger(2000), model).json()["faces"][0]["minted"]
    assert len(listed(shard)) == len(before) + 1


def test_a_gallery_of_another_model_ends_the_start_with_both_names(run_shard: RunShard) -> None:
    shard = run_shard()
    shard.start()
    shard.wait_ready()
    model = str(status(shard)["model"])
    mint(shard, stranger(1), model)
    shard.terminate()
    [file] = Path(shard.environment["FACEGATE_DATA"]).rglob("gallery.sqlite3")
    _pretend_older_model(file)

    shard.start()

    assert shard.process.wait(60) == 78
    last = shard.log.read_text().splitlines()[-1]
    assert last.startswith("facegate shard: ")
    assert "'older-v0'" in last
    assert f"'{model}'" in last


@pytest.mark.parametrize("read_only", ["false", "true"])
def test_a_folder_without_the_files_for_scores_ends_the_start(
    run_shard: RunShard, tmp_path: Path, read_only: str
) -> None:
    shard = run_shard(FACEGATE_SCORING=str(tmp_path), FACEGATE_READ_ONLY=read_only)

    shard.start()

    assert shard.process.wait(60) == 78
    [line] = shard.log.read_text().splitlines()
    assert line.startswith(f"facegate shard: FACEGATE_SCORING='{tmp_path}': ")
    assert line.endswith("cohort.npy: No such file or directory")


def _pretend_older_model(file: Path) -> None:
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("UPDATE templates SET model = 'older-v0'")
    connection.close()


def test_a_signal_while_the_shard_starts_ends_it(run_shard: RunShard) -> None:
    shard = run_shard()
    shard.start()
    while "alembic" not in shard.log.read_text() and shard.process.poll() is None:
        os.sched_yield()

    shard.process.send_signal(signal.SIGINT)

    assert shard.process.wait(60) == 0
