"""`python -m bench.chain.regions`: what a miss costs where regions are stores of a gateway.

A simulation. Each region is a chain by itself, with a gateway and a directory; `bench.chain.region`
answers for it as a shard does. On machines of their own regions would not share the cores.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.chain.arrivals import answers, faces
from bench.chain.chain import HOME, Chain, Shards, chain_running, shards_running
from bench.chain.directory_server import DirectoryServer, directory_server
from bench.chain.galleries import FACES, DrawnGalleries
from bench.fanout.cpu import cpu_seconds
from tests.cluster.processes import Service
from tests.ports import free_port
from tests.postgresql import database

PER_SHARD = 50
_IDLE_SECONDS = 5.0


@dataclass(frozen=True)
class RegionsRow:
    """What was measured with so many regions; milliseconds of a miss."""

    regions: int
    outer_gateway: float
    outer_home: float
    each_region: float
    """CPU of all that is in a region, its share of PostgreSQL's as well."""
    p50: float
    p99: float
    failed: int


@dataclass(frozen=True)
class _Region:
    """A chain, and what answers for it."""

    chain: Chain
    front: Service

    def cpu(self) -> float:
        """CPU seconds of its processes, without PostgreSQL."""
        return (
            cpu_seconds(self.front.process.pid) + self.chain.cpu().gateway + self.chain.cpu().shards
        )


@contextmanager
def region_running(
    name: str, stores: int, server: DirectoryServer, folder: Path, galleries: DrawnGalleries
) -> Iterator[_Region]:
    """Start a region of so many stores, with a database of its own for its directory."""
    folder.mkdir()
    with (
        database(server.server.url) as url,
        shards_running(stores, PER_SHARD, folder, galleries) as shards,
        chain_running(shards, DirectoryServer(server.server, url)) as chain,
    ):
        arguments = [name, chain.gateway.url, HOME, str(stores)]
        front = Service("bench.chain.region", arguments, free_port(), {}, folder / "front.log")
        try:
            front.start()
            yield _Region(chain, front)
        finally:
            front.stop()


@contextmanager
def outer_chain(regions: dict[str, _Region], folder: Path) -> Iterator[Chain]:
    """Start a gateway in whose map, beside a home store, every store is a region."""
    folder.mkdir()
    port = free_port()
    addresses = {name: region.front.url.removeprefix("http://") for name, region in regions.items()}
    lines = [f"{name}: {where}" for name, where in {HOME: f"127.0.0.1:{port}", **addresses}.items()]
    (folder / "stores.yaml").write_text("\n".join([*lines, ""]), encoding="utf-8")
    [any_region, *_] = regions.values()
    environment = {
        **any_region.chain.shards.environment,
        "FACEGATE_STORES": str(folder / "stores.yaml"),
        "FACEGATE_DATA": str(folder / "data"),
    }
    home = Service("bench.chain.host", [HOME], port, environment, folder / "home.log")
    people = np.concatenate([region.chain.shards.people for region in regions.values()])
    try:
        home.start()
        shards = Shards(folder, len(regions), environment, [home], [port], people)
        with chain_running(shards) as chain:
            yield chain
    finally:
        home.stop()


def measured(
    count: int, stores: int, arrivals: int, server: DirectoryServer, galleries: DrawnGalleries
) -> RegionsRow:
    """Measure a chain of so many regions."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        regions = {
            name: running.enter_context(
                region_running(name, stores, server, folder / name, galleries)
            )
            for name in (f"region-{number}" for number in range(count))
        }
        outer = running.enter_context(outer_chain(regions, folder / "outer"))

        def cpu() -> Sequence[float]:
            """CPU seconds of the outer gateway, its home, and everything that regions have."""
            gateway, home, _ = outer.cpu()
            return gateway, home, sum(r.cpu() for r in regions.values()) + server.cpu()

        seen, a_second = faces(outer.shards.people, arrivals), 16 / (count + 3)
        asyncio.run(answers(outer, seen[: arrivals // 6], a_second))
        resting, began = cpu(), time.perf_counter()
        time.sleep(_IDLE_SECONDS)
        before, paused = cpu(), time.perf_counter() - began
        idle = [(b - a) / paused for a, b in zip(resting, before, strict=True)]
        began = time.perf_counter()
        found = asyncio.run(answers(outer, seen[arrivals // 6 :], a_second))
        seconds = time.perf_counter() - began
        used = [
            1000 * (after - b - at_rest * seconds) / len(found)
            for after, b, at_rest in zip(cpu(), before, idle, strict=True)
        ]
    p50, p99 = np.percentile([each.ms for each in found], [50, 99])
    failed = sum(each.failed for each in found)
    return RegionsRow(count, used[0], used[1], used[2] / count, float(p50), float(p99), failed)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.chain.regions", description=__doc__)
    parser.add_argument("--regions", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--stores", type=int, default=100, help="stores of each region")
    parser.add_argument("--arrivals", type=int, default=96)
    parser.add_argument("--galleries", type=Path, help="as of bench.chain")
    options = parser.parse_args()
    table = Table(
        *("regions", "outer gateway ms", "its home ms", "each region ms", "p50", "p99", "late"),
        title=f"A miss, regions of {options.stores} stores of {FACES} faces",
    )
    with tempfile.TemporaryDirectory() as folder, directory_server() as server:
        galleries = DrawnGalleries(options.galleries or Path(folder))
        for count in options.regions:
            row = measured(count, options.stores, options.arrivals, server, galleries)
            figures = (row.outer_gateway, row.outer_home, row.each_region, row.p50, row.p99)
            table.add_row(f"{count}", *(f"{figure:.1f}" for figure in figures), f"{row.failed}")
            print(f"{count} regions measured", flush=True)
    Console(width=120, highlight=False).print(table)


if __name__ == "__main__":
    main()
