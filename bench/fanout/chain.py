"""A chain of real processes for the benchmark: gateway, home shards, and many other stores."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.fanout.cpu import cpu_seconds
from bench.fanout.galleries import fill
from tests.cluster.processes import Service, wait_until
from tests.ports import free_port

HOME = "home"
QUICK_HOME = "quick-home"
"""Its shard encodes the first picture only: small times would be lost in that of encoding."""

_ENCODINGS = re.compile(
    r'^facegate_shard_stage_seconds_count\{[^}]*stage="encode"[^}]*\} (\S+)$', re.MULTILINE
)


@dataclass(frozen=True)
class Chain:
    """Running services. Hosts are the processes that serve all stores but the two homes."""

    gateway: Service
    gateway_port: int
    home: Service
    quick_home: Service
    hosts: list[Service]
    ports: dict[str, int]

    def gateway_cpu(self) -> float:
        """CPU seconds that the gateway has used."""
        return cpu_seconds(self.gateway.process.pid)

    def shards_cpu(self) -> float:
        """CPU seconds that the other stores' shards have used."""
        return sum(cpu_seconds(host.process.pid) for host in self.hosts)

    def encodings(self) -> int:
        """How many pictures the shards of all stores have encoded so far."""
        ports = set(self.ports.values())
        pages = (httpx.get(f"http://127.0.0.1:{port}/metrics").text for port in ports)
        return sum(int(float(count)) for page in pages for count in _ENCODINGS.findall(page))

    @property
    def others(self) -> list[int]:
        """The ports of the other stores."""
        return [port for store, port in self.ports.items() if store not in {HOME, QUICK_HOME}]


@contextmanager
def running(others: int, folder: Path, *, grouped: bool) -> Iterator[Chain]:
    """Start a chain with so many stores besides home, ready to be measured; kill it afterwards.

    Each has a shard of its own, or, `grouped`, all are served by one shard's process.
    """
    stores = [f"store-{number:03}" for number in range(others)]
    chain = _chain(stores, folder, grouped=grouped)
    services = [chain.home, chain.quick_home, *chain.hosts, chain.gateway]
    try:
        for service in services:
            service.start()
        chain.gateway.wait_ready()
        wait_until(lambda: _all_ready(chain.gateway.url), "every store ready")
        yield chain
    finally:
        for service in services:
            service.stop()


def _chain(stores: list[str], folder: Path, *, grouped: bool) -> Chain:
    homes = [HOME, QUICK_HOME]
    ports = {store: free_port() for store in [*homes, *stores]}
    if grouped:
        ports |= dict.fromkeys(stores, ports[stores[0]])
    # Nobody searches the homes, so that a miss asks exactly the other stores.
    policy = {store: "nobody" if store in homes else "members" for store in ports}
    lines = (
        f"  {s}: {{shards: ['127.0.0.1:{p}'], cross_store: {policy[s]}}}" for s, p in ports.items()
    )
    stores_yaml = folder / "stores.yaml"
    stores_yaml.write_text("\n".join(["version: 1", "stores:", *lines, ""]), encoding="utf-8")
    fill(folder / "data", list(ports))

    def service(name: str, module: str, arguments: list[str], port: int) -> Service:
        environment = {
            "FACEGATE_STORES": str(stores_yaml),
            "FACEGATE_DATA": str(folder / "data"),
            "FACEGATE_FAN_OUT_MS": "10000",  # a deadline would hide how long the slowest take
        }
        return Service(module, arguments, port, environment, folder / f"{name}.log")

    gateway_port = free_port()
    module = "bench.fanout.host"
    if grouped:
        named = ["--stores", ",".join(stores)]
        hosts = [service("shard", "shard", named, ports[stores[0]])]
    else:
        cores = os.cpu_count() or 1
        shares = [share for share in (stores[core::cores] for core in range(cores)) if share]
        hosts = [
            service(f"host-{number}", module, share, ports[share[0]])
            for number, share in enumerate(shares)
        ]
    return Chain(
        gateway=service("gateway", "gateway", [], gateway_port),
        gateway_port=gateway_port,
        home=service("home", "shard", ["--store", HOME], ports[HOME]),
        quick_home=service("quick-home", module, ["--remember", QUICK_HOME], ports[QUICK_HOME]),
        hosts=hosts,
        ports=ports,
    )


def _all_ready(url: str) -> bool:
    """Say whether every shard has said so: one that was not asked yet passes for healthy."""
    stores = httpx.get(f"{url}/v1/cluster", timeout=10).json()["stores"]
    replicas = [replica for store in stores for replica in store["replicas"]]
    return all(replica["healthy"] and replica["status"] for replica in replicas)
