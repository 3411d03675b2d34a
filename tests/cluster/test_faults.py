"""Real faults in a real cluster: what is dead costs coverage, never an answer or a face."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests import plain_http
from tests.cluster.processes import Cluster, wait_until
from tests.pictures import sample
from tests.ports import free_port


def recognize(cluster: Cluster, store: str, name: str, **query: Any) -> dict[str, Any]:
    answer = plain_http.post(
        f"{cluster.gateway.url}/v1/stores/{store}/recognize",
        content=sample(name),
        params=query,
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def faces_of(cluster: Cluster, store: str) -> list[dict[str, Any]]:
    answer = plain_http.get(f"{cluster.gateway.url}/v1/stores/{store}/faces")
    faces: list[dict[str, Any]] = answer.json()["faces"]
    return faces


def test_a_killed_shard_costs_coverage_and_mints_only_provisional_ids(cluster: Cluster) -> None:
    cluster.shards["west"].kill()

    member = recognize(cluster, "north", "astronaut.png")
    [stranger] = recognize(cluster, "north", "obama.jpg")["faces"]

    assert [face["match"] for face in member["faces"]] == ["roaming"]
    assert set(member["coverage"]["failed"]) == {"west"}
    assert (member["coverage"]["asked"], member["coverage"]["answered"]) == (3, 2)
    assert not member["coverage"]["complete"]
    assert (stranger["match"], stranger["provisional"]) == ("new", True)

    cluster.heal()
    assert recognize(cluster, "east", "obama3.jpg")["coverage"]["complete"]


def test_a_hanging_shard_costs_no_more_than_the_deadline(cluster: Cluster) -> None:
    with cluster.shards["west"].frozen():
        answer = recognize(cluster, "north", "astronaut.png")

    assert [face["match"] for face in answer["faces"]] == ["roaming"]
    assert set(answer["coverage"]["failed"]) == {"west"}


def test_without_its_home_shard_a_picture_is_still_searched_for(cluster: Cluster) -> None:
    cluster.shards["north"].kill()

    [member] = recognize(cluster, "north", "obama3.jpg")["faces"]
    answer = recognize(cluster, "north", "biden.jpg")

    assert (member["match"], member["face_id"], member["store"]) == ("roaming", "obama", "west")
    assert [(face["match"], face["face_id"]) for face in answer["faces"]] == [("unknown", None)]
    assert set(answer["coverage"]["failed"]) == {"north"}
    assert not answer["coverage"]["complete"]


def test_without_any_shard_the_gateway_says_so(cluster: Cluster) -> None:
    for shard in cluster.shards.values():
        shard.kill()

    answer = plain_http.post(
        f"{cluster.gateway.url}/v1/stores/west/recognize", content=sample("obama.jpg")
    )

    assert (answer.status_code, answer.json()["code"]) == (503, "SHARD_UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) >= 1


def test_restarts_lose_no_face(cluster: Cluster) -> None:
    [stranger] = recognize(cluster, "north", "biden.jpg")["faces"]
    before = {store: faces_of(cluster, store) for store in cluster.shards}

    for service in [cluster.gateway, *cluster.shards.values()]:
        service.kill()
    for service in [cluster.gateway, *cluster.shards.values()]:
        service.start()
    for service in [cluster.gateway, *cluster.shards.values()]:
        service.wait_ready()
    cluster.wait_all_healthy()

    assert {store: faces_of(cluster, store) for store in cluster.shards} == before
    [again] = recognize(cluster, "north", "biden.jpg")["faces"]
    assert (again["match"], again["face_id"]) == ("home", stranger["face_id"])


class _NonsenseShard(BaseHTTPRequestHandler):
    """Says that it is ready, and answers every search with what its server was given."""

    server: "_NonsenseServer"

    def do_GET(self) -> None:
        status = (
            '{"store": "odd", "ready": true, "read_only": false, "model": "m", "seq": 0,'
            ' "counts": {"faces": 0, "members": 0, "visitors": 0, "templates": 0},'
            ' "version": "0"}'
        )
        self._answer(200, "application/json", status)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(*self.server.nonsense)

    def _answer(self, status: int, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass


class _NonsenseServer(ThreadingHTTPServer):
    daemon_threads = True
    nonsense: tuple[int, str, str]


@contextmanager
def nonsense_shard(port: int) -> Iterator[_NonsenseServer]:
    server = _NonsenseServer(("127.0.0.1", port), _NonsenseShard)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


RESULT = (
    '{"face_id": "x", "store": "odd", "kind": "member", "score": 1, "distance": %s, "passes": true}'
)
NONSENSE = {
    "an HTML page": (200, "text/html", "<html>It works!</html>"),
    "an empty body": (200, "application/json", ""),
    "a distance that is no number": (
        200,
        "application/json",
        '{"store": "odd", "model": "m", "results": [[' + RESULT % "NaN" + ']], "thresholds": [0]}',
    ),
    "too few results": (
        200,
        "application/json",
        '{"store": "odd", "model": "m", "results": [], "thresholds": []}',
    ),
    "another model": (
        409,
        "application/problem+json",
        '{"type": "urn:x", "title": "Vectors of another model", "status": 409,'
        ' "detail": "", "code": "MODEL_MISMATCH"}',
    ),
    "another dimension": (
        400,
        "application/problem+json",
        '{"type": "urn:x", "title": "Not vectors", "status": 400, "detail": "",'
        ' "code": "BAD_VECTORS"}',
    ),
    "an internal error": (500, "text/plain", "boom"),
}


def test_a_shard_that_talks_nonsense_costs_coverage_alone(cluster: Cluster) -> None:
    port = free_port()
    cluster.add_store_at("odd", port)
    cluster.write_map()
    with nonsense_shard(port) as server:
        wait_until(lambda: "odd" in _stores(cluster), "the odd store in the map")
        cluster.wait_all_healthy()
        for what, answer_of_shard in NONSENSE.items():
            server.nonsense = answer_of_shard
            answer = recognize(cluster, "north", "obama3.jpg")

            assert [face["match"] for face in answer["faces"]] == ["roaming"], what
            assert set(answer["coverage"]["failed"]) == {"odd"}, what
            assert answer["coverage"]["answered"] == 3, what
    cluster.drop_store("odd")


def _stores(cluster: Cluster) -> set[str]:
    stores = plain_http.get(f"{cluster.gateway.url}/v1/cluster").json()["stores"]
    return {store["store"] for store in stores}


@pytest.mark.parametrize("service", ["gateway", "north"])
def test_a_service_that_is_asked_to_end_answers_what_it_has_begun(
    cluster: Cluster, service: str
) -> None:
    answers: list[dict[str, Any]] = []
    camera = threading.Thread(
        target=lambda: answers.append(recognize(cluster, "north", "obama3.jpg"))
    )
    ending = cluster.gateway if service == "gateway" else cluster.shards[service]
    with cluster.shards["north"].frozen_workers():
        camera.start()
        wait_until(lambda: _in_flight(cluster, "north") > 0, "the picture with its shard")
        ending.ask_to_end()
    camera.join()

    assert ending.wait_ended() == 0
    assert [face["match"] for face in answers[0]["faces"]] == ["roaming"]


def _in_flight(cluster: Cluster, store: str) -> int:
    stores = plain_http.get(f"{cluster.gateway.url}/v1/cluster").json()["stores"]
    return sum(
        replica["in_flight"]
        for entry in stores
        if entry["store"] == store
        for replica in entry["replicas"]
    )


def test_a_slow_answer_does_not_hold_up_the_health_check(cluster: Cluster) -> None:
    with cluster.shards["west"].frozen():
        assert plain_http.get(f"{cluster.gateway.url}/healthz").status_code == 200
