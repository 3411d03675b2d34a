"""What operators see: the cluster, metrics, documentation, and one shape for every error."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from contract.messages.cluster import ClusterStatus
from contract.messages.problem import Problem
from contract.messages.recognition import RecognizeAnswer
from tests.gateway.fake_chain import ANNA, BOB, STRANGER, Chain, running, until
from tests.gateway.fakes import says


async def test_the_cluster_is_shown_with_map_and_replicas(chain: Chain) -> None:
    cluster = ClusterStatus.model_validate(await chain.cluster())

    assert cluster.map.error is None
    assert cluster.map.path == str(chain.path)
    assert len(cluster.map.version) == 12
    assert [store.store for store in cluster.stores] == ["store-a", "store-b", "store-c"]
    [replica] = cluster.stores[0].replicas
    assert replica.healthy
    assert replica.address == chain.shard("store-a").address
    assert replica.status
    assert replica.status.counts.members == 1


async def test_stores_are_listed_for_users(tmp_path: Path) -> None:
    async with running(tmp_path, options={"store-a": {"name": "西湖店"}}) as chain:
        stores = (await chain.http.get("/v1/stores")).json()["stores"]

        assert stores[0] == {"store": "store-a", "name": "西湖店", "healthy": True, "faces": 1}


async def test_a_shard_that_loads_says_how_far_it_is(tmp_path: Path) -> None:
    async with running(tmp_path, health_seconds=0.2) as chain:
        chain.shard("store-b").ready = False
        await until(lambda: _reason_is(chain, "3 of 10"))

        assert not await chain.healthy("store-b")


async def test_a_shard_that_is_asked_again_before_it_answers_is_not_down(tmp_path: Path) -> None:
    async with running(tmp_path, health_seconds=0.1) as chain:
        shard = chain.shard("store-b")
        answered = 0

        async def slow(request: web.Request) -> web.StreamResponse:
            nonlocal answered
            before = len(shard.asked("/status"))
            await until(lambda: len(shard.asked("/status")) > before + 2)
            answered += 1
            return await shard.status(request)

        shard.faults["/status"] = slow
        await until(lambda: answered > 5)

        await until(lambda: chain.healthy("store-b"))


async def test_what_is_wrong_with_a_shard_that_serves_all_the_same_is_on_the_page(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, health_seconds=0.2) as chain:
        chain.shard("store-b").problem = "no encoder worker can be started"

        async def told() -> bool:
            return "no encoder worker can be started" in (await chain.http.get("/cluster/now")).text

        await until(told)
        assert await chain.healthy("store-b")


async def _reason_is(chain: Chain, reason: str) -> bool:
    cluster = await chain.cluster()
    return bool(cluster["stores"][1]["replicas"][0]["reason"] == reason)


async def test_metrics_tell_of_requests_stages_coverage_map_and_replicas(tmp_path: Path) -> None:
    async with running(tmp_path, health_seconds=0.2) as chain:
        await chain.recognize("store-a", ANNA, BOB, STRANGER)
        await chain.shard("store-b").stop()
        await chain.recognize("store-a", BOB, mint=False)
        down = f'facegate_replica_healthy{{address="{chain.shard("store-b").address}"'
        await until(lambda: _sample(chain, down, 0))
        version = (await chain.cluster())["map"]["version"]

        metrics = await chain.metrics()

        for line in (
            'facegate_requests_total{method="POST",route="/v1/stores/{store}/recognize",'
            'status="200"} 2.0',
            'facegate_recognition_seconds_count{stage="encode"} 2.0',
            'facegate_recognition_seconds_count{stage="home"} 2.0',
            'facegate_recognition_seconds_count{stage="fan_out"} 2.0',
            'facegate_recognition_seconds_count{stage="mint"} 1.0',
            'facegate_recognition_seconds_count{stage="total"} 2.0',
            'facegate_faces_total{match="home",store="store-a"} 1.0',
            'facegate_faces_total{match="roaming",store="store-a"} 1.0',
            'facegate_faces_total{match="new",store="store-a"} 1.0',
            'facegate_faces_total{match="unknown",store="store-a"} 1.0',
            'facegate_fan_outs_total{complete="true"} 1.0',
            'facegate_fan_outs_total{complete="false"} 1.0',
            "facegate_fan_out_stores_total 4.0",
            'facegate_fan_out_failures_total{store="store-b"} 1.0',
            f'facegate_map_info{{version="{version}"}} 1.0',
            "facegate_map_error 0.0",
        ):
            assert line in metrics


async def _sample(chain: Chain, start: str, value: float) -> bool:
    lines = (await chain.metrics()).splitlines()
    return any(line.startswith(start) and float(line.split()[-1]) == value for line in lines)


async def test_every_route_is_documented_with_an_example(chain: Chain) -> None:
    schema = (await chain.http.get("/openapi.json")).json()

    missing = [
        f"{method} {path}"
        for path, methods in schema["paths"].items()
        if path.startswith("/v1/")
        for method, operation in methods.items()
        if not any("example" in _content(answer) for answer in operation["responses"].values())
        or not {"4XX", "5XX"} <= set(operation["responses"])
    ]

    assert missing == []
    recognize = schema["paths"]["/v1/stores/{store}/recognize"]["post"]
    RecognizeAnswer.model_validate(_content(recognize["responses"]["200"])["example"])
    assert {"image/jpeg", "multipart/form-data"} <= set(recognize["requestBody"]["content"])
    assert (await chain.http.get("/docs")).status_code == 200


def _content(answer: dict[str, Any]) -> dict[str, Any]:
    content, *_ = answer.get("content", {"": {}}).values()
    return dict(content)


async def _routes(chain: Chain) -> list[tuple[str, str]]:
    """Return the routes that take no JSON, which would be looked at first."""
    paths = (await chain.http.get("/openapi.json")).json()["paths"]
    return [
        (method.upper(), path)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "application/json" not in operation.get("requestBody", {}).get("content", {})
    ]


GIVEN = {
    "store": "store-a",
    "face_id": "x",
    "template_id": 1,
    "model": "x",
    "camera": "x",
    "key": "fg_00000000",
    "session": "0123456789abcdef",
}


async def test_an_unknown_store_is_a_problem_on_every_route_of_a_store(chain: Chain) -> None:
    for method, path in await _routes(chain):
        if not path.startswith("/v1/stores/{store}"):
            continue
        answer = await chain.http.request(method, path.format(**GIVEN | {"store": "store-x"}))

        assert (answer.status_code, answer.json()["code"]) == (404, "UNKNOWN_STORE"), path


ASK_NO_SHARD = {
    "/v1/cameras",
    "/v1/cluster",
    "/v1/privacy",
    "/v1/stores",
    "/v1/stores/{store}/cameras/{camera}",
    "/v1/stores/{store}/cameras/{camera}/push",  # without a picture
    "/v1/stores/{store}/live",
    "/v1/stores/{store}/present",
    "/v1/demo",
    "/v1/keys",
    "/v1/keys/{key}",
    "/v1/sessions",
    "/v1/sessions/{session}",
    "/v1/webhooks",
    "/v1/webhooks/{webhook}",
    "/healthz",
    "/readyz",
    "/metrics",
}
OF_THE_RECORD = ("/v1/members", "/v1/erasures", "/v1/faces", "/v1/audit", "/v1/imports")


async def test_every_route_tells_nonsense_of_shards_as_a_problem(chain: Chain) -> None:
    served = ["/recognize", "/encode", "/compare", "/faces", "/faces/x", "/sources", "/calibration"]
    served += ["/faces/likeness", "/faces/x/templates/1", "/visitors/alike", "/models/x"]
    for store in chain.stores:
        chain.shard(store).faults = dict.fromkeys(served, says("<html>"))

    for method, path in await _routes(chain):
        if path in ASK_NO_SHARD:
            continue
        if "/traffic" in path or "/trace" in path or path.startswith(OF_THE_RECORD):
            continue
        if (method, path) == ("DELETE", "/v1/stores/{store}/faces/{face_id}"):
            continue  # the order is taken, and given to the shard once it makes sense
        if path == "/v1/visitors/reconcile":
            assert set((await chain.http.post(path)).json()["failed"]) == set(chain.stores)
            continue  # what the other stores' visitors are is answered all the same
        answer = await chain.http.request(method, path.format(**GIVEN), params={"face_id": "x"})

        assert answer.headers["Content-Type"] == "application/problem+json", path
        problem = Problem.model_validate(answer.json())
        assert (answer.status_code, problem.code) == (502, "SHARD_NONSENSE"), path
        assert problem.request_id == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("PUT", "/v1/search", 405), ("POST", "/healthz", 405)],
)
async def test_what_is_not_there_is_a_problem_too(
    chain: Chain, method: str, path: str, status: int
) -> None:
    answer = await chain.http.request(method, path)

    problem = Problem.model_validate(answer.json())
    assert (answer.status_code, problem.status) == (status, status)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem.request_id == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("deadline", ["soon", "-1", "1.5", "٣"])
async def test_a_deadline_that_is_none_is_refused(chain: Chain, deadline: str) -> None:
    answer = await chain.http.post(
        "/v1/stores/store-a/recognize",
        content=b"[]",
        headers={b"X-Facegate-Deadline-Ms": deadline.encode()},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST")


async def test_a_request_id_that_is_unsafe_is_replaced(chain: Chain) -> None:
    answer = await chain.http.get("/v1/stores", headers={"X-Request-ID": 'a"b\tc'})

    assert len(answer.headers["X-Request-ID"]) == 32


async def test_the_gateway_lives_and_is_ready(chain: Chain) -> None:
    assert (await chain.http.get("/healthz")).json() == {"status": "ok"}
    assert (await chain.http.get("/readyz")).json() == {"status": "ready"}
