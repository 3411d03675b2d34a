"""A chain of drawn people: a gateway, a home store, and the other stores in shards."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.chain.galleries import DrawnGalleries
from bench.chain.host import TRAFFIC
from bench.chain.people import DrawnPeople
from bench.fanout.cpu import cpu_seconds
from contract.vectors import Vectors
from tests.cluster.processes import Service, wait_until
from tests.ports import free_port

HOME = "home"


@dataclass(frozen=True)
class Chain:
    """Running services, and whom the other stores know."""

    gateway: Service
    hosts: Sequence[Service]
    ports: Sequence[int]
    """One of each host."""
    people: Vectors
    drawn: DrawnPeople

    def cpu(self) -> tuple[float, float]:
        """CPU seconds that the gateway has used, and all shards together, that of home too."""
        shards = sum(cpu_seconds(host.process.pid) for host in self.hosts)
        return cpu_seconds(self.gateway.process.pid), shards

    def traffic(self) -> tuple[int, int]:
        """Searches that shards were asked so far, and their bytes without headers."""
        said = (httpx.get(f"http://127.0.0.1:{port}{TRAFFIC}").text for port in self.ports)
        requests, sent = zip(*(map(int, text.split()) for text in said), strict=True)
        return sum(requests), sum(sent)


@contextmanager
def running(
    others: int, per_shard: int, folder: Path, galleries: DrawnGalleries
) -> Iterator[Chain]:
    """Start a chain of so many stores besides home, so many of them a shard; end it afterwards."""
    stores = [f"store-{number:04}" for number in range(others)]
    shards = [stores[first : first + per_shard] for first in range(0, others, per_shard)]
    ports = {store: port for each in [[HOME], *shards] for port in [free_port()] for store in each}
    lines = (f"{store}: 127.0.0.1:{port}" for store, port in ports.items())
    (folder / "stores.yaml").write_text("\n".join([*lines, ""]), encoding="utf-8")
    people = galleries.put(folder / "data", stores)
    environment = {
        "FACEGATE_STORES": str(folder / "stores.yaml"),
        "FACEGATE_DATA": str(folder / "data"),
        "FACEGATE_FAN_OUT_MS": "14000",  # a deadline would hide how long the slowest take
    }
    cores = os.cpu_count() or 1
    shares = [each for each in (shards[core::cores] for core in range(cores)) if each]
    hosted = [[[HOME]], *shares]
    hosts = [
        Service(
            "bench.chain.host",
            [",".join(each) for each in share],
            ports[share[0][0]],
            environment,
            folder / f"host-{number}.log",
        )
        for number, share in enumerate(hosted)
    ]
    gateway = Service("gateway", [], free_port(), environment, folder / "gateway.log")
    first = [ports[share[0][0]] for share in hosted]
    services = [*hosts, gateway]
    try:
        for service in services:
            service.start()
        gateway.wait_ready()
        wait_until(lambda: _all_ready(gateway.url), "every store ready", seconds=300)
        yield Chain(gateway, hosts, first, people, DrawnPeople(seed=2))
    finally:
        for service in services:
            service.stop()


def _all_ready(url: str) -> bool:
    """Say whether every shard has said so: one that was not asked yet passes for healthy."""
    stores = httpx.get(f"{url}/v1/cluster", timeout=30).json()["stores"]
    replicas = [replica for store in stores for replica in store["replicas"]]
    return all(replica["healthy"] and replica["status"] for replica in replicas)
