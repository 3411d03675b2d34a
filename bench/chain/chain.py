"""A chain of drawn people: a home store, the other stores in shards, and a gateway."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx

from bench.chain.directory_server import DirectoryServer
from bench.chain.galleries import FACES, DrawnGalleries, store_name
from bench.chain.host import TRAFFIC
from bench.fanout.cpu import cpu_seconds
from contract.vectors import Vectors
from gateway.directory.tables.nearest_lists import GROWTH, LEAST
from tests import plain_http
from tests.cluster.processes import Service, wait_until
from tests.ports import free_port

HOME = "home"
_READY_SECONDS = 600
_PROCESSES = 20
"""At most so many serve the shards: a thousand stores of which fifty are served together have one
for each shard, as users start them; a hundred that are alone would take 10 GB, and share them."""


class Cpu(NamedTuple):
    """CPU seconds of the gateway, of all shards together, home's too, and of PostgreSQL."""

    gateway: float
    shards: float
    postgresql: float

    def less(self, earlier: "Cpu") -> "Cpu":
        """Return what was used after `earlier`."""
        return Cpu(*(after - before for after, before in zip(self, earlier, strict=True)))


@dataclass(frozen=True)
class Shards:
    """The running shards of all stores, and whom the stores besides home know."""

    folder: Path
    stores: int
    environment: Mapping[str, str]
    hosts: Sequence[Service]
    ports: Sequence[int]
    """One of each host."""
    people: Vectors

    def cpu(self) -> float:
        """CPU seconds that all have used."""
        return sum(cpu_seconds(host.process.pid) for host in self.hosts)


@dataclass(frozen=True)
class Chain:
    """A gateway over the shards, with a directory or without."""

    gateway: Service
    shards: Shards
    directory: DirectoryServer | None
    fill_seconds: float | None
    """How long it took to fill the directory, its lists included."""

    def cpu(self) -> Cpu:
        """Return what each part has used so far."""
        postgresql = self.directory.cpu() if self.directory else 0.0
        return Cpu(cpu_seconds(self.gateway.process.pid), self.shards.cpu(), postgresql)

    def traffic(self) -> tuple[int, int]:
        """Searches that shards were asked so far, and their bytes without headers."""
        hosts = (f"http://127.0.0.1:{port}{TRAFFIC}" for port in self.shards.ports)
        said = (plain_http.get(url).text for url in hosts)
        requests, sent = zip(*(map(int, text.split()) for text in said), strict=True)
        return sum(requests), sum(sent)


@contextmanager
def shards_running(
    others: int, per_shard: int, folder: Path, galleries: DrawnGalleries
) -> Iterator[Shards]:
    """Start the shards of so many stores besides home, so many stores each; end them afterwards."""
    stores = [store_name(number) for number in range(others)]
    shards = [stores[first : first + per_shard] for first in range(0, others, per_shard)]
    ports = {store: port for each in [[HOME], *shards] for port in [free_port()] for store in each}
    lines = (f"{store}: 127.0.0.1:{port}" for store, port in ports.items())
    (folder / "stores.yaml").write_text("\n".join([*lines, ""]), encoding="utf-8")
    people = galleries.put(folder / "data", others)
    environment = {
        "FACEGATE_STORES": str(folder / "stores.yaml"),
        "FACEGATE_DATA": str(folder / "data"),
        "FACEGATE_CAMERA_PICTURES": "1000",  # whoever posts is every camera of a busy hour
        "FACEGATE_FAN_OUT_MS": "14000",  # a deadline would hide how long the slowest take
    }
    shares = [shards[process::_PROCESSES] for process in range(min(_PROCESSES, len(shards)))]
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
    first = [ports[share[0][0]] for share in hosted]
    try:
        for host in hosts:
            host.start()
        yield Shards(folder, others, environment, hosts, first, people)
    finally:
        for host in hosts:
            host.stop()


@contextmanager
def chain_running(shards: Shards, directory: DirectoryServer | None = None) -> Iterator[Chain]:
    """Start a gateway, have it fill the directory if there is one, and end it afterwards."""
    environment = dict(shards.environment)
    if directory is not None:
        environment["FACEGATE_DIRECTORY_URL"] = directory.url
    gateway = Service("gateway", [], free_port(), environment, shards.folder / "gateway.log")
    try:
        for host in shards.hosts:
            wait_until(partial(_answers, host), "shards serve", seconds=_READY_SECONDS)
        gateway.start()
        gateway.wait_ready()
        wait_until(lambda: _all_ready(gateway.url), "every store ready", seconds=_READY_SECONDS)
        began = time.perf_counter()
        if directory is not None:
            _wait_filled(directory, shards.stores * FACES)
            wait_until(partial(_knows_the_directory, gateway.url), "a directory that is used")
        taken = None if directory is None else time.perf_counter() - began
        yield Chain(gateway, shards, directory, taken)
    finally:
        gateway.stop()


def _answers(host: Service) -> bool:
    assert host.is_running, host.log.read_text()[-3000:]
    try:
        return plain_http.get(f"{host.url}{TRAFFIC}").status_code == 200
    except httpx.TransportError:
        return False


def _all_ready(url: str) -> bool:
    """Say whether every shard has said so: one that was not asked yet passes for healthy."""
    stores = plain_http.get(f"{url}/v1/cluster", timeout=30).json()["stores"]
    replicas = [replica for store in stores for replica in store["replicas"]]
    return all(replica["healthy"] and replica["status"] for replica in replicas)


def _wait_filled(directory: DirectoryServer, faces: int) -> None:
    """Wait without asking the gateway: of a thousand stores its answer takes a while."""

    def is_filled() -> bool:
        has_lists = faces < LEAST or GROWTH * directory.listed_faces() > faces
        return directory.faces() == faces and has_lists

    wait_until(is_filled, "the directory filled", seconds=_READY_SECONDS)


def _knows_the_directory(url: str) -> bool:
    said = plain_http.get(f"{url}/v1/cluster", timeout=30).json()["directory"]
    return not said["behind"] and said["problem"] is None
