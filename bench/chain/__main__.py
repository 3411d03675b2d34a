"""`python -m bench.chain`: what a miss costs in chains of 10, 100 and 1,000 stores of 500 faces.

People come to the home store as a Poisson process; home knows none of them, and 60% are strangers
to the other stores as well. Compared are a shard for each store and shards of many stores.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.chain.arrivals import answers, faces
from bench.chain.chain import Chain, running
from bench.chain.galleries import DrawnGalleries
from bench.chain.small_stores import UpRow, measure_up

PER_SHARD = 50
PLAIN_UP_TO = 100
"""Stores up to which a shard a store is measured: a thousand take seconds of CPU for each miss."""
SETTLE_SECONDS = 15.0
"""After a start, which leaves something to be stored beside the faces."""
IDLE_SECONDS = 5.0
PART_OF_PLAIN = 0.2
READY_SECONDS, MEMORY_GB, AS_FAST = 20.0, 1.5, 1.25
"""`facegate up` with 100 stores: until it is ready, in memory, and how much longer a picture may
take than with three stores, at the median."""


@dataclass(frozen=True)
class ChainRow:
    """What was measured of one chain; times in milliseconds, all of them of one miss."""

    stores: int
    way: str
    a_second: float
    requests: float
    kilobytes: float
    gateway_cpu: float
    shards_cpu: float
    p50: float
    p99: float
    failed: int
    """Answers of stores that did not come in time, in all."""
    idle_cpu: float
    """Milliseconds of CPU of all processes a second while nobody comes."""

    @property
    def cpu(self) -> float:
        """CPU of all processes."""
        return self.gateway_cpu + self.shards_cpu


def measure(stores: int, per_shard: int, arrivals: int, galleries: DrawnGalleries) -> ChainRow:
    """Measure a chain of so many stores besides home."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(stores, per_shard, Path(folder), galleries) as chain,
    ):
        seen = faces(chain, arrivals + arrivals // 5)
        warm_up, seen = seen[arrivals:], seen[:arrivals]
        a_second = 200 / (stores + 40) if per_shard == 1 else 600 / (stores + 60)
        time.sleep(SETTLE_SECONDS)
        asyncio.run(answers(chain, warm_up, a_second))
        idle = idle_cpu(chain)
        cpu, traffic, began = chain.cpu(), chain.traffic(), time.perf_counter()
        found = asyncio.run(answers(chain, seen, a_second))
        seconds = time.perf_counter() - began
        gateway, shards = (
            1000 * (after - before - at_rest * seconds) / arrivals
            for before, after, at_rest in zip(cpu, chain.cpu(), idle, strict=True)
        )
        requests, sent = (
            (after - before) / arrivals
            for before, after in zip(traffic, chain.traffic(), strict=True)
        )
        return ChainRow(
            stores,
            "a shard a store" if per_shard == 1 else f"{per_shard} stores a shard",
            a_second,
            requests,
            sent / 1000,
            gateway,
            shards,
            float(np.percentile([each.ms for each in found], 50)),
            float(np.percentile([each.ms for each in found], 99)),
            sum(each.failed for each in found),
            1000 * sum(idle),
        )


def idle_cpu(chain: Chain) -> tuple[float, float]:
    """Return CPU seconds a second of the gateway and of all shards while nobody comes."""
    (gateway, shards), began = chain.cpu(), time.perf_counter()
    time.sleep(IDLE_SECONDS)
    seconds = time.perf_counter() - began
    later = chain.cpu()
    return (later[0] - gateway) / seconds, (later[1] - shards) / seconds


def missed_bars(rows: Sequence[ChainRow], up: Sequence[UpRow]) -> Iterable[str]:
    """Yield a line for each bar that is missed."""
    plain, grouped = (
        [row.cpu for row in rows if row.stores == 100 and (row.way == "a shard a store") is alone]
        for alone in (True, False)
    )
    for before, after in zip(plain, grouped, strict=True):
        if after > PART_OF_PLAIN * before:
            yield f"100 stores together: {after:.1f} ms of CPU a miss, {before:.1f} one by one"
    for row in rows:
        if row.failed and row.way != "a shard a store":
            yield f"{row.stores} stores together: {row.failed} answers of stores did not come"
    few, many = up
    if many.ready_seconds > READY_SECONDS:
        yield f"{many.stores} stores: ready after {many.ready_seconds:.1f} s"
    if many.memory_gb > MEMORY_GB:
        yield f"{many.stores} stores: {many.memory_gb:.2f} GB"
    if many.p50 > AS_FAST * few.p50:
        yield f"a picture: {many.p50:.0f} ms with {many.stores} stores, {few.p50:.0f} with a few"


def show(rows: Sequence[ChainRow], up: Sequence[UpRow]) -> None:
    """Print what was measured."""
    table = Table(
        "stores",
        "",
        "a second",
        "requests",
        "kB",
        "gateway ms",
        "shards ms",
        "p50",
        "p99",
        "late",
        "idle ms",
    )
    for row in rows:
        figures = (row.kilobytes, row.gateway_cpu, row.shards_cpu, row.p50, row.p99)
        table.add_row(
            f"{row.stores}",
            row.way,
            f"{row.a_second:.1f}",
            f"{row.requests:.0f}",
            *(f"{figure:.1f}" for figure in figures),
            f"{row.failed}",
            f"{row.idle_cpu:.0f}",
        )
    Console().print(table)
    small = Table("facegate up: stores", "ready s", "memory GB", "a picture p50 ms")
    for each in up:
        small.add_row(
            f"{each.stores}",
            f"{each.ready_seconds:.1f}",
            f"{each.memory_gb:.2f}",
            f"{each.p50:.0f}",
        )
    Console().print(small)


def main() -> None:
    """Measure, print, and exit with 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.chain", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without 1,000 stores, in 5 minutes")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as folder:
        galleries = DrawnGalleries(Path(folder))
        rows = [
            measure(stores, per_shard, 60 if quick else 400, galleries)
            for stores in ((10, 100) if quick else (10, 100, 1000))
            for per_shard in (1, PER_SHARD)
            if per_shard > 1 or stores <= PLAIN_UP_TO
        ]
        up = [
            measure_up(stores, per_shard, galleries)
            for stores, per_shard in ((3, 1), (100, PER_SHARD))
        ]
    show(rows, up)
    missed = list(missed_bars(rows, up))
    for line in missed:
        print(f"bar missed: {line}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
