"""`python -m bench.chain`: what a miss costs in chains of 10, 100 and 1,000 stores of 500 faces.

People come to the home store as a Poisson process; home knows none of them, and 60% are strangers
to the other stores as well. Compared are a shard for each store, shards of many stores, and these
with a directory.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from bench.chain.arrivals import decisions, faces
from bench.chain.bars import verdicts
from bench.chain.chain import Shards, chain_running, shards_running
from bench.chain.chain_row import Agreement, ChainRow, measure
from bench.chain.directory_server import directory_server
from bench.chain.galleries import FACES, DrawnGalleries
from bench.chain.small_stores import UpRow, measure_up
from gateway.directory.tables.nearest_lists import LEAST

PER_SHARD = 50
PLAIN_UP_TO = 100
"""Stores up to which a shard a store is measured: a thousand take seconds of CPU for each miss."""
A_PICTURE = 16
"""Faces in a picture that all stores are asked about, to know who is to be named: quicker."""


class Amount(NamedTuple):
    """How much is measured: `decisions` are compared where the directory has lists."""

    sizes: Sequence[int]
    arrivals: int
    decisions: int

    def compared(self, stores: int) -> int:
        """Return how many decisions are compared: without lists the directory looks at all."""
        return self.decisions if stores * FACES >= LEAST else self.decisions // 10


QUICK, WHOLE = Amount((10, 100), 48, 1200), Amount((10, 100, 1000), 120, 3000)


def measured(stores: int, amount: Amount, galleries: DrawnGalleries) -> Iterator[ChainRow]:
    """Yield a row for every way of searching so many stores."""
    if stores <= PLAIN_UP_TO:
        with (
            tempfile.TemporaryDirectory() as folder,
            shards_running(stores, 1, Path(folder), galleries) as shards,
            chain_running(shards) as chain,
        ):
            yield measure(chain, "plain", faces(shards.people, amount.arrivals))
    with (
        tempfile.TemporaryDirectory() as folder,
        shards_running(stores, PER_SHARD, Path(folder), galleries) as shards,
    ):
        yield from _together(shards, amount)


def _together(shards: Shards, amount: Amount) -> Iterator[ChainRow]:
    seen = faces(shards.people, amount.arrivals)
    asked = faces(shards.people, amount.compared(shards.stores))
    with chain_running(shards) as chain:
        yield measure(chain, "grouped", seen)
        all_stores = asyncio.run(decisions(chain, asked, A_PICTURE))
    with directory_server() as server, chain_running(shards, server) as chain:
        found = asyncio.run(decisions(chain, asked))
        often = faces(shards.people, 3 * amount.arrivals)
        yield measure(chain, "directory", often, Agreement.of(found, all_stores))


def show(rows: Sequence[ChainRow], up: Sequence[UpRow]) -> None:
    """Print what was measured."""
    console = Console(width=150, highlight=False)
    table = Table(
        *("stores", "", "a second", "requests", "kB", "gateway ms", "shards ms", "PostgreSQL ms"),
        *("CPU ms", "p50", "p99", "late", "idle ms", "filled s", "same", "found"),
        title=f"A miss, {FACES} faces a store, {PER_SHARD} stores a shard where they are grouped",
    )
    for row in rows:
        figures = (row.a_second, row.requests, row.kilobytes, row.gateway_cpu, row.shards_cpu)
        more = (row.postgresql_cpu, row.cpu, row.p50, row.p99)
        table.add_row(
            f"{row.stores}",
            row.way,
            *(f"{figure:.1f}" for figure in figures + more),
            f"{row.failed}",
            f"{row.idle_cpu:.0f}",
            "" if row.fill_seconds is None else f"{row.fill_seconds:.0f}",
            *("" if share is None else f"{share:.2%}" for share in (row.same_decision, row.found)),
        )
    console.print(table)
    small = Table("facegate up: stores", "ready s", "memory GB", "a picture p50 ms")
    for each in up:
        ready, memory = f"{each.ready_seconds:.1f}", f"{each.memory_gb:.2f}"
        small.add_row(f"{each.stores}", ready, memory, f"{each.p50:.0f}")
    if up:
        console.print(small)


def main() -> None:
    """Measure, print, and exit with 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.chain", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without 1,000 stores, in 5 minutes")
    parser.add_argument("--sizes", type=int, nargs="+", help="other numbers of stores")
    parser.add_argument("--no-up", action="store_true", help="without starting `facegate up`")
    parser.add_argument(
        "--galleries", type=Path, help="a folder in which they are kept for another run"
    )
    parser.add_argument("--json", type=Path, help="a file for the figures, for bench.curves")
    options = parser.parse_args()
    amount = QUICK if options.quick else WHOLE
    rows: list[ChainRow] = []
    up: list[UpRow] = []
    with tempfile.TemporaryDirectory() as folder:
        galleries = DrawnGalleries(options.galleries or Path(folder))
        for stores in options.sizes or amount.sizes:
            for row in measured(stores, amount, galleries):
                print(f"{row.stores} stores, {row.way}: {row.cpu:.1f} ms of CPU", flush=True)
                rows.append(row)
        if not options.no_up:
            up = [measure_up(*each, galleries) for each in ((3, 1), (100, PER_SHARD))]
    show(rows, up)
    if options.json:
        figures = {"chain": [asdict(row) for row in rows], "up": [asdict(row) for row in up]}
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    found = list(verdicts(rows, up))
    for verdict in found:
        print(verdict.line)
    sys.exit(0 if all(verdict.met for verdict in found) else 1)


if __name__ == "__main__":
    main()
