"""Who reaches the ports of a gateway and a shard, and sends no request: the cameras are served."""

import contextlib
import http.client
import itertools
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests import plain_http
from tests.cluster.processes import Cluster, Service, wait_until
from tests.encoder.processes import linux_only, peak_memory
from tests.pictures import sample

DESCRIPTORS = 256
SILENT = 300
HELD = 200
"""More than there are places, which are three quarters of the descriptors."""
ENDLESS = 64_000_000
"""Bytes of a head."""


@pytest.fixture
def narrow(cluster: Cluster) -> Iterator[Cluster]:
    """Return the cluster, whose gateway and one shard may open few descriptors."""
    services = [cluster.gateway, cluster.shards["north"]]
    usual = [service.command for service in services]
    for service in services:
        limited = f'ulimit -n {DESCRIPTORS} && exec "$@"'
        service.command = ["sh", "-c", limited, "sh", *service.command]
    _restart(services)
    cluster.wait_all_healthy()
    yield cluster
    for service, command in zip(services, usual, strict=True):
        service.command = command
        service.kill()


def _restart(services: list[Service]) -> None:
    for service in services:
        service.kill()
        service.start()
    for service in services:
        service.wait_ready()


def _connections(service: Service, count: int, begin: bytes = b"") -> list[socket.socket]:
    where = urlsplit(service.url)
    made = []
    for _ in range(count):
        connection = socket.create_connection((str(where.hostname), where.port), timeout=60)
        with contextlib.suppress(ConnectionError):  # pushed out by the next one
            connection.sendall(begin)
        made.append(connection)
    return made


def _recognizes(cluster: Cluster) -> int:
    """Post a picture as a camera does that has no connection yet; return the status."""
    where = urlsplit(cluster.gateway.url)
    camera = http.client.HTTPConnection(str(where.hostname), where.port, timeout=60)
    path = "/v1/stores/north/recognize?mint=false"
    camera.request("POST", path, sample("biden.jpg"), {"Content-Type": "image/jpeg"})
    answer = camera.getresponse()
    answer.read()
    camera.close()
    return answer.status


BEGINNINGS = (
    b"",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nA: ",
    b"POST /recognize HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n",
)
"""Nothing, half a head and half a body."""


def test_more_connections_than_there_are_descriptors(narrow: Cluster) -> None:
    services = (narrow.gateway, narrow.shards["north"])
    for service, begin in itertools.product(services, BEGINNINGS):
        strangers = _connections(service, SILENT, begin)

        assert plain_http.get(f"{service.url}/healthz").status_code == 200
        assert [_recognizes(narrow) for _ in range(3)] == [200] * 3
        assert '_connection_limits_total{limit="crowded"}' in _metrics(service)
        for stranger in strangers:
            stranger.close()


@linux_only
def test_a_head_without_end(narrow: Cluster) -> None:
    for service in (narrow.gateway, narrow.shards["north"]):
        before = peak_memory(service.process.pid)
        sent = _send_endless_head(service)

        assert sent < ENDLESS
        assert peak_memory(service.process.pid) - before < 20_000_000
        assert 'limit="head_too_large"} 1.0' in _metrics(service)
    assert _recognizes(narrow) == 200


def test_all_places_taken_by_readers_of_the_live_feed(narrow: Cluster) -> None:
    live = b"GET /v1/stores/north/live HTTP/1.1\r\nHost: x\r\n\r\n"
    readers = _connections(narrow.gateway, HELD, live)
    places = DESCRIPTORS * 3 // 4
    wait_until(lambda: _is_full(narrow.gateway), "all places taken")

    assert plain_http.get(f"{narrow.gateway.url}/healthz").status_code == 200
    refused = plain_http.get(f"{narrow.gateway.url}/v1/cluster")
    assert (refused.status_code, refused.json()["code"]) == (503, "BUSY")
    assert int(refused.headers["Retry-After"]) > 0
    for reader in readers[: places // 2]:
        reader.close()
    wait_until(lambda: _recognizes(narrow) == 200, "places free again")
    for reader in readers:
        reader.close()


def _is_full(gateway: Service) -> bool:
    return plain_http.get(f"{gateway.url}/v1/cluster").status_code == 503


def _metrics(service: Service) -> str:
    return plain_http.get(f"{service.url}/metrics").text


def _send_endless_head(service: Service) -> int:
    """Send a head that does not end until it is cut off; return how much was taken."""
    [stranger] = _connections(service, 1, b"GET / HTTP/1.1\r\nA: ")
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < ENDLESS:
            sent += stranger.send(b"a" * 65_536)
    stranger.close()
    return sent
