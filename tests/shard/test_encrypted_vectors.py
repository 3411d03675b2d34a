"""A shard whose vectors are encrypted: another key, and a kill while they are stored anew."""

import base64
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from service.seal import Seal
from tests import plain_http
from tests.cluster.processes import Service, wait_until
from tests.pictures import sample
from tests.shard.conftest import RunShard

PEOPLE = 3_000
OLD, NEW = bytes(range(32)), bytes(range(1, 33))


def write_keys(file: Path, *keys: bytes) -> None:
    file.write_text("".join(base64.b64encode(key).decode() + "\n" for key in keys))


def stored_with(key: bytes, data: Path) -> int:
    """Return how many vectors of the gallery are encrypted with a key."""
    [file] = data.rglob("gallery.sqlite3")
    prefix = Seal([key]).prefix
    with closing(sqlite3.connect(file)) as gallery:
        query = "SELECT count(*) FROM templates WHERE substr(vector, 1, 5) = ?"
        count: int = gallery.execute(query, (prefix,)).fetchone()[0]
    return count


def status(shard: Service) -> dict[str, Any]:
    found: dict[str, Any] = plain_http.get(f"{shard.url}/status").json()
    return found


def is_up(shard: Service) -> bool:
    try:
        return plain_http.get(f"{shard.url}/healthz").status_code == 200
    except httpx.HTTPError:
        return False


def is_done(shard: Service) -> bool:
    names = [each["name"] for each in status(shard)["background"]]
    return "vector encryption" not in names


def enroll_people(shard: Service) -> None:
    """Enroll strangers by their vectors, and Obama by a picture."""
    picture = sample("obama.jpg")
    plain_http.post(f"{shard.url}/faces?face_id=obama", content=picture).raise_for_status()
    model = status(shard)["model"]
    drawn = np.random.default_rng(1).normal(size=(PEOPLE, 128)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    for first in range(0, PEOPLE, 250):
        faces = [
            {"face_id": f"p-{number}", "vector": base64.b64encode(drawn[number].tobytes()).decode()}
            for number in range(first, min(first + 250, PEOPLE))
        ]
        plain_http.post(
            f"{shard.url}/faces/vectors", json={"model": model, "faces": faces}
        ).raise_for_status()


def knows_obama(shard: Service) -> bool:
    url = f"{shard.url}/recognize"
    [face] = plain_http.post(url, content=sample("obama2.jpg")).json()["faces"]
    return bool(face["face_id"] == "obama")


@pytest.mark.processes
@pytest.mark.timeout(300)
def test_another_key_takes_over_though_the_shard_is_killed_meanwhile(
    run_shard: RunShard, tmp_path: Path
) -> None:
    keys, data = tmp_path / "keys", tmp_path / "data"
    write_keys(keys, OLD)
    shard = run_shard(data, FACEGATE_ENCRYPTION_KEYS_FILE=str(keys))
    shard.start()
    shard.wait_ready()
    enroll_people(shard)
    assert stored_with(OLD, data) == PEOPLE + 1
    shard.stop()

    write_keys(keys, NEW, OLD)
    shard.start()
    wait_until(lambda: stored_with(NEW, data) > 0, "vectors stored anew")
    shard.process.kill()
    shard.process.wait()
    assert stored_with(NEW, data) + stored_with(OLD, data) == PEOPLE + 1
    shard.start()
    shard.wait_ready()
    wait_until(lambda: is_done(shard), "all vectors stored anew")
    assert stored_with(NEW, data) == PEOPLE + 1
    assert knows_obama(shard)
    shard.stop()

    write_keys(keys, NEW)
    shard.start()
    shard.wait_ready()
    assert status(shard)["counts"]["faces"] == PEOPLE + 1
    assert knows_obama(shard)
    assert b"".join(path.read_bytes() for path in tmp_path.glob("*.log")).count(OLD) == 0


@pytest.mark.processes
def test_without_its_key_a_shard_serves_nobody_and_says_why(
    run_shard: RunShard, tmp_path: Path
) -> None:
    keys, data = tmp_path / "keys", tmp_path / "data"
    write_keys(keys, OLD)
    shard = run_shard(data, FACEGATE_ENCRYPTION_KEYS_FILE=str(keys))
    shard.start()
    shard.wait_ready()
    url = f"{shard.url}/faces?face_id=obama"
    plain_http.post(url, content=sample("obama.jpg")).raise_for_status()
    shard.stop()

    write_keys(keys, NEW)
    shard.start()
    wait_until(lambda: is_up(shard) and status(shard)["problem"], "what is wrong")
    assert "FACEGATE_ENCRYPTION_KEYS" in status(shard)["problem"]
    url = f"{shard.url}/recognize"
    assert plain_http.post(url, content=sample("obama2.jpg")).status_code == 503
    shard.stop()
    write_keys(keys, OLD)
    shard.start()
    shard.wait_ready()
    assert knows_obama(shard)
