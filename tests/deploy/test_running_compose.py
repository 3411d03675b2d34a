"""What only the running Compose cluster can show, after `make demo-compose` filled its galleries.

`.ci/run` runs it where a Docker engine answers.
"""

import os
import subprocess

import pytest

from tests import plain_http
from tests.pictures import sample

HTTP_PORT = os.environ.get("FACEGATE_HTTP_PORT")
BALANCED_PORT = os.environ.get("FACEGATE_BALANCED_PORT")

pytestmark = pytest.mark.skipif(
    not (HTTP_PORT and BALANCED_PORT),
    reason="needs the Compose cluster with FACEGATE_HTTP_PORT and FACEGATE_BALANCED_PORT set",
)


def test_the_replicas_of_a_store_take_turns_and_know_the_same_faces() -> None:
    served_by = []
    for _ in range(4):
        answer = plain_http.post(
            f"http://127.0.0.1:{BALANCED_PORT}/recognize",
            files={"image": sample("obama.jpg")},
        )
        assert answer.json()["result"] == "obama"
        served_by.append(answer.headers["X-Served-By"])

    assert served_by[0] != served_by[1]
    assert served_by[:2] == served_by[2:]


def test_every_replica_is_healthy_in_the_cluster_status() -> None:
    cluster = plain_http.get(f"http://127.0.0.1:{HTTP_PORT}/v1/cluster").json()

    assert {
        replica["address"]: replica["healthy"]
        for store in cluster["stores"]
        for replica in store["replicas"]
    } == dict.fromkeys(
        ["store-a:5001", "store-a-replica:5001", "store-b:5001", "store-c:5001"], True
    )


@pytest.mark.processes
def test_the_image_has_no_more_than_services_need() -> None:
    asked = ["docker", "image", "inspect", "facegate:latest", "--format", "{{.Size}}"]

    size = int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)

    assert size < 600_000_000


@pytest.mark.parametrize("megabytes", [21, 30], ids=["by the service", "by nginx"])
def test_a_body_too_large_is_refused_in_the_one_error_shape(megabytes: int) -> None:
    answer = plain_http.post(
        f"http://127.0.0.1:{HTTP_PORT}/v1/stores/store-a/recognize",
        content=bytes(megabytes * 1_000_000),
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
    assert answer.headers["Content-Type"] == "application/problem+json"
