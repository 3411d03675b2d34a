"""A shard of a cluster with a secret answers nobody who does not show it."""

from pathlib import Path

import pytest

from contract.vectors import CONTENT_TYPE
from service.reach import require_cluster
from tests import plain_http
from tests.cluster.processes import Service
from tests.pictures import sample
from tests.shard.conftest import RunShard

SECRET = "x" * 43


def refused(shard: Service, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
    given = {"content": sample("obama.jpg")} if method == "POST" else {}
    ask = plain_http.post if method == "POST" else plain_http.get
    answer = ask(f"{shard.url}{path}", headers=headers, **given)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    return answer.status_code, answer.json()["code"]


@pytest.mark.processes
def test_only_who_shows_the_secret_is_answered(run_shard: RunShard, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    shard = run_shard(FACEGATE_CLUSTER_SECRET_FILE=str(file))
    shard.start()
    shard.wait_ready()

    for headers in (
        {},
        {"Authorization": f"Bearer {SECRET[:-1]}y"},
        {"Authorization": SECRET},
        {"Content-Type": CONTENT_TYPE},
    ):
        for method, path in (
            ("POST", "/recognize"),  # the fast path
            ("POST", "/faces?face_id=evil"),
            ("GET", "/faces"),
            ("GET", "/status"),
            ("GET", "/metrics"),
            ("GET", "/openapi.json"),
            ("GET", "/nowhere"),
            ("GET", "//faces"),
        ):
            assert refused(shard, method, path, headers) == (401, "NOT_OF_CLUSTER"), path

    shown = {"Authorization": f"Bearer {SECRET}"}
    faces = plain_http.get(f"{shard.url}/faces", headers=shown)
    assert (faces.status_code, faces.json()["faces"]) == (200, [])
    assert plain_http.get(f"{shard.url}/healthz").status_code == 200
    assert SECRET not in shard.log.read_text(encoding="utf-8")


@pytest.mark.processes
def test_a_shard_does_not_start_without_the_secret_it_is_to_have(
    run_shard: RunShard, tmp_path: Path
) -> None:
    shard = run_shard(FACEGATE_CLUSTER_SECRET_FILE=str(tmp_path / "nowhere"))
    shard.start()

    assert shard.process.wait(timeout=60) == 78
    assert "nowhere" in shard.log.read_text(encoding="utf-8")


@pytest.mark.processes
def test_a_shard_that_others_reach_does_not_start_without_one_of_the_ways(
    run_shard: RunShard,
) -> None:
    shard = run_shard(FACEGATE_HOST="0.0.0.0")
    shard.start()

    assert shard.process.wait(timeout=60) == 78
    said = shard.log.read_text(encoding="utf-8")
    ways = {"CLUSTER_SECRET_FILE", "CLUSTER_TLS", "SHARD_AUTH=off"}
    assert all(f"FACEGATE_{way}" in said for way in ways)


@pytest.mark.parametrize(
    ("host", "is_protected", "shard_auth"),
    [("127.0.0.1", False, None), ("10.0.0.5", True, None), ("::", False, "off")],
)
def test_a_shard_with_one_of_them_starts(
    host: str, is_protected: bool, shard_auth: str | None
) -> None:
    require_cluster(host, is_protected=is_protected, shard_auth=shard_auth)
