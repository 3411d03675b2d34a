"""Gateway and shards that know each other by certificates, as real processes."""

import contextlib
import itertools
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from contract.stores.map_parser import load_store_map
from facegate.cluster.certificate_folder import CertificateFolder
from tests import plain_http
from tests.certificates import put_off
from tests.cluster.processes import Cluster, Service, wait_until
from tests.pictures import sample

DESCRIPTORS, STRANGERS = 256, 300
"""Of the gateway and the shard of north; connections that send no request."""
BEGINNINGS = (b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
"""Nothing, and some of a handshake."""


class SecureCluster:
    """Obama is a member of west; pictures come to north. The gateway speaks TLS, too."""

    def __init__(self, folder: Path) -> None:
        self.cluster = Cluster(folder)
        self.certs = folder / "certs"
        gallery = folder / "galleries" / "west"
        gallery.mkdir(parents=True)
        (gallery / "obama_0.jpg").write_bytes(sample("obama.jpg"))
        for store in ("west", "north"):
            self.cluster.add_store(store, "gallery: galleries/west" if store == "west" else "")
        self.cluster.write_map()
        self.issue()
        gateway = self.cluster.gateway
        gateway.url = gateway.url.replace("http", "https")
        gateway.trust = self.trust()
        gateway.environment |= {
            "FACEGATE_CLUSTER_TLS": str(self.certs / "gateway"),
            "FACEGATE_TLS_CERTIFICATE": str(self.certs / "site/tls.crt"),
            "FACEGATE_TLS_KEY": str(self.certs / "site/tls.key"),
        }
        for service in (gateway, self.cluster.shards["north"]):
            limited = f'ulimit -n {DESCRIPTORS} && exec "$@"'
            service.command = ["sh", "-c", limited, "sh", *service.command]
        for shard in self.cluster.shards.values():
            port = shard.url.rpartition(":")[2]
            shard.url = f"https://127.0.0.1:{port}"
            shard.environment["FACEGATE_CLUSTER_TLS"] = str(self.certs / f"shard-{port}")
            shard.trust = self.trust()

    def issue(self) -> None:
        """Make the certificates, all of them anew."""
        store_map = load_store_map(self.cluster.map)
        CertificateFolder(self.certs, store_map, site=["127.0.0.1"]).issue(30, renew=True)

    def start(self) -> None:
        services = [self.cluster.gateway, *self.cluster.shards.values()]
        for service in services:
            service.start()
        for service in services:
            service.wait_ready()
        wait_until(self._all_healthy, "every store healthy")

    def _all_healthy(self) -> bool:
        stores = self.get("/v1/cluster").json()["stores"]
        return all(store["healthy"] for store in stores)

    def get(self, path: str) -> httpx.Response:
        """Ask the gateway."""
        return plain_http.get(f"{self.cluster.gateway.url}{path}", verify=self.trust())

    def trust(self, own: str | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.certs / "ca.crt")
        if own is not None:
            context.load_cert_chain(self.certs / own / "tls.crt", self.certs / own / "tls.key")
        return context

    def served(self, service: Service) -> bytes | None:
        """Return the certificate that a new connection to the service is shown."""
        where = urlsplit(service.url)
        with (
            socket.create_connection((str(where.hostname), where.port), timeout=60) as plain,
            self.trust().wrap_socket(plain, server_hostname=where.hostname) as secured,
        ):
            return secured.getpeercert(binary_form=True)

    def is_renewed(self, service: Service, before: bytes | None) -> bool:
        return self.served(service) != before

    def recognize(self) -> dict[str, Any]:
        answer = plain_http.post(
            f"{self.cluster.gateway.url}/v1/stores/north/recognize",
            content=sample("obama2.jpg"),
            verify=self.trust(),
        )
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


@pytest.fixture
def secure(processes: None, tmp_path: Path) -> Iterator[SecureCluster]:
    secure = SecureCluster(tmp_path)
    try:
        secure.start()
        yield secure
    finally:
        secure.cluster.stop()


def status_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_who_is_of_the_cluster_is_answered_whatever_others_do(
    secure: SecureCluster,
) -> None:
    west = secure.cluster.shards["west"]
    name = west.environment["FACEGATE_CLUSTER_TLS"].rpartition("/")[2]

    for service in (secure.cluster.gateway, west):
        said = service.log.read_text()
        assert ("running on https://" in said, "running on http://" in said) == (True, False)
    [face] = secure.recognize()["faces"]
    assert (face["match"], face["face_id"]) == ("roaming", "obama")

    assert plain_http.get(f"{west.url}/healthz", verify=secure.trust()).status_code == 200
    stranger = plain_http.get(f"{west.url}/faces", verify=secure.trust())
    assert status_of(stranger) == (401, "NOT_OF_CLUSTER")
    gateway = plain_http.get(f"{west.url}/faces", verify=secure.trust("gateway"))
    assert status_of(gateway) == (200, "")
    with pytest.raises(httpx.TransportError):
        plain_http.get(f"{west.url}/faces", verify=secure.trust(name))
    with pytest.raises(httpx.TransportError):
        plain_http.get(f"{west.url.replace('https', 'http')}/faces")

    _renew_while_asked(secure)
    _renew_too_late(secure)
    _shake_no_hands(secure)


def _renew_while_asked(secure: SecureCluster) -> None:
    services = [secure.cluster.gateway, *secure.cluster.shards.values()]
    over = threading.Event()

    def ask() -> list[dict[str, Any]]:
        answers = []
        while not over.is_set():
            answers.append(secure.recognize())
        return answers

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        try:
            for _ in range(2):
                before = [(service, secure.served(service)) for service in services]
                secure.issue()
                for service, certificate in before:
                    renewed = partial(secure.is_renewed, service, certificate)
                    wait_until(renewed, "the renewal")
        finally:
            over.set()
        answers = [answer for each in asking for answer in each.result()]

    assert len(answers) > 3
    assert all(answer["coverage"]["complete"] for answer in answers)
    assert {face["face_id"] for answer in answers for face in answer["faces"]} == {"obama"}


def says(service: Service, fault: str) -> bool:
    return fault in service.log.read_text()


def _renew_too_late(secure: SecureCluster) -> None:
    """Have certificates that are not good now: it is said, and mended without a start."""
    gateway, shards = secure.cluster.gateway, secure.cluster.shards
    folders = {store: Path(s.environment["FACEGATE_CLUSTER_TLS"]) for store, s in shards.items()}
    own = secure.certs / "gateway"
    day, key = timedelta(days=1), secure.certs / "ca.key"
    for folder, begins_in in (
        (folders["west"], -2 * day),
        (folders["north"], day),
        (own, -2 * day),
    ):
        put_off(folder / "tls.crt", key, begins_in)
    said = {shards["west"]: "has expired at", shards["north"]: "is not good before"}
    for shard, fault in said.items():
        wait_until(partial(says, shard, fault), f"{fault} in its log")
    gateway.kill()  # a connection that is open goes on
    gateway.start()
    gateway.wait_ready()

    def are(west: str, north: str) -> bool:
        stores = secure.get("/v1/cluster").json()["stores"]
        reasons = {store["store"]: store["replicas"][0]["reason"] or "" for store in stores}
        return west in reasons["west"] and north in reasons["north"]

    wait_until(
        lambda: are("certificate has expired", "not yet valid"), "why shards are not trusted"
    )
    assert f"{own / 'tls.crt'} has expired at" in gateway.log.read_text()
    for folder in folders.values():
        put_off(folder / "tls.crt", key, -day / 2)
    own_fault = "the gateway's own certificate has expired"
    wait_until(lambda: are(own_fault, own_fault), "why shards do not trust the gateway")
    refused = plain_http.post(
        f"{gateway.url}/v1/stores/north/recognize",
        content=sample("obama2.jpg"),
        verify=secure.trust(),
    )
    assert refused.status_code in {502, 503}
    put_off(own / "tls.crt", key, -day / 2)
    wait_until(secure._all_healthy, "every store healthy")
    assert [face["face_id"] for face in secure.recognize()["faces"]] == ["obama"]


def _shake_no_hands(secure: SecureCluster) -> None:
    """Connect more often than there are places: whoever asks is served all the same."""
    for service, begin in itertools.product(
        (secure.cluster.gateway, secure.cluster.shards["north"]), BEGINNINGS
    ):
        strangers = []
        for _ in range(STRANGERS):
            where = urlsplit(service.url)
            stranger = socket.create_connection((str(where.hostname), where.port), timeout=60)
            with contextlib.suppress(ConnectionError):  # pushed out by the next one
                stranger.sendall(begin)
            strangers.append(stranger)

        healthy = plain_http.get(f"{service.url}/healthz", verify=secure.trust())
        assert healthy.status_code == 200
        assert [face["face_id"] for face in secure.recognize()["faces"]] == ["obama"]
        for stranger in strangers:
            stranger.close()
    assert '_limits_total{limit="crowded"}' in secure.get("/metrics").text
