"""Gateway and shards that know each other by certificates, as real processes."""

import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.stores.map_parser import load_store_map
from facegate.cluster.certificate_folder import CertificateFolder
from tests import plain_http
from tests.cluster.processes import Cluster, Service, wait_until
from tests.pictures import sample


class SecureCluster:
    """Obama is a member of west; pictures come to north."""

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
        self.cluster.gateway.environment["FACEGATE_CLUSTER_TLS"] = str(self.certs / "gateway")
        for shard in self.cluster.shards.values():
            port = shard.url.rpartition(":")[2]
            shard.url = f"https://127.0.0.1:{port}"
            shard.environment["FACEGATE_CLUSTER_TLS"] = str(self.certs / f"shard-{port}")
            shard.trust = self.trust()

    def issue(self) -> None:
        """Make the certificates, all of them anew."""
        CertificateFolder(self.certs, load_store_map(self.cluster.map)).issue(30, renew=True)

    def trust(self, own: str | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.certs / "ca.crt")
        if own is not None:
            context.load_cert_chain(self.certs / own / "tls.crt", self.certs / own / "tls.key")
        return context

    def expiry(self, shard: Service) -> float:
        """When the certificate expires that the shard serves with, as it says itself."""
        text = httpx.get(f"{shard.url}/metrics", verify=self.trust("gateway")).text
        [line] = [x for x in text.splitlines() if x.startswith("facegate_shard_certificate_ex")]
        return float(line.split()[1])

    def is_renewed(self, shard: Service, before: float) -> bool:
        return self.expiry(shard) > before

    def recognize(self) -> dict[str, Any]:
        answer = plain_http.post(
            f"{self.cluster.gateway.url}/v1/stores/north/recognize",
            content=sample("obama2.jpg"),
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


@pytest.fixture
def secure(processes: None, tmp_path: Path) -> Iterator[SecureCluster]:
    secure = SecureCluster(tmp_path)
    try:
        secure.cluster.start()
        yield secure
    finally:
        secure.cluster.stop()


def status_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_the_gateway_alone_is_answered_and_renewals_lose_no_request(secure: SecureCluster) -> None:
    west = secure.cluster.shards["west"]
    name = west.environment["FACEGATE_CLUSTER_TLS"].rpartition("/")[2]

    [face] = secure.recognize()["faces"]
    assert (face["match"], face["face_id"]) == ("roaming", "obama")

    assert httpx.get(f"{west.url}/healthz", verify=secure.trust()).status_code == 200
    stranger = httpx.get(f"{west.url}/faces", verify=secure.trust())
    assert status_of(stranger) == (401, "NOT_OF_CLUSTER")
    gateway = httpx.get(f"{west.url}/faces", verify=secure.trust("gateway"))
    assert status_of(gateway) == (200, "")
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{west.url}/faces", verify=secure.trust(name))
    with pytest.raises(httpx.TransportError):
        plain_http.get(f"{west.url.replace('https', 'http')}/faces")

    _renew_while_asked(secure, west)


def _renew_while_asked(secure: SecureCluster, west: Service) -> None:
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
                before = secure.expiry(west)
                secure.issue()
                wait_until(partial(secure.is_renewed, west, before), "the renewal")
        finally:
            over.set()
        answers = [answer for each in asking for answer in each.result()]

    assert len(answers) > 3
    assert all(answer["coverage"]["complete"] for answer in answers)
    assert {face["face_id"] for answer in answers for face in answer["faces"]} == {"obama"}
