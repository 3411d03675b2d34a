"""`python -m bench.fanout`: what the gateway adds when a face is unknown at home.

A camera of the home store posts a stranger: home encodes and misses, the gateway asks every other
store by vectors. Compared with the naive way: the picture itself goes to every shard.

Small times are measured with a home shard that remembers its encoder's answer; they are what the
camera waits longer than at the home shard's own door. Requests come one at a time.
"""

import argparse
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.table import Table

from bench.fanout.camera import Camera
from bench.fanout.chain import HOME, QUICK_HOME, Chain, running
from bench.fanout.galleries import FACES
from bench.verdict import Verdict
from tests.pictures import sample

SIZES, QUICK = (3, 20, 100), (3, 20)
WAYS = {False: "a shard each", True: "one shard"}
"""How stores are served: each by a process of its own, or all by one (`facegate stores group`)."""
ROUNDS = 5
ENCODED = 4
"""Requests with real encoding, of each kind."""
WARM_UP = 1
NAIVE_UP_TO = 20
"""Stores up to which the naive way is measured; a hundred would encode for tens of seconds."""
BAR_STORES, BAR_MS = 20, 10.0


def requests(stores: int) -> int:
    """Return how many requests there are in a round, at the home shard and at the gateway in turn.

    With a hundred stores each takes the cores for a third of a second.
    """
    return 100 if stores <= BAR_STORES else 20


@dataclass(frozen=True)
class FanoutRow:
    """What was measured with so many other stores; times in milliseconds."""

    stores: int
    grouped: bool
    added_p50: float
    added_p99: float
    gateway_cpu: float
    shards_cpu: float
    home: float
    miss: float
    encodings: float
    naive: float | None


@dataclass(frozen=True)
class Sample:
    """Many requests of one kind: median over the rounds of each quantile, CPU a request."""

    p50: float
    p99: float
    gateway_cpu: float
    shards_cpu: float


def frame() -> bytes:
    """Return a picture such as a camera sends, of somebody whom no store knows."""
    picture = Image.open(io.BytesIO(sample("biden.jpg")))
    picture.thumbnail((640, 640))
    jpeg = io.BytesIO()
    picture.save(jpeg, "jpeg", quality=90)
    return jpeg.getvalue()


def measure(stores: int, picture: bytes, *, grouped: bool) -> FanoutRow:
    """Measure a chain with so many other stores, all of them in one shard if they are `grouped`."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(stores, Path(folder), grouped=grouped) as chain,
    ):
        at_home, missed = sample_in_turn(
            chain,
            requests(stores),
            Camera.at_shard(chain.ports[QUICK_HOME], picture),
            Camera.at_gateway(chain.gateway_port, QUICK_HOME, picture, stores),
        )
        home = Camera.at_shard(chain.ports[HOME], picture)
        gateway = Camera.at_gateway(chain.gateway_port, HOME, picture, stores)
        alone = median_of(home)
        before = chain.encodings()
        miss = median_of(gateway)
        return FanoutRow(
            stores=stores,
            grouped=grouped,
            added_p50=missed.p50 - at_home.p50,
            added_p99=missed.p99 - at_home.p99,
            gateway_cpu=missed.gateway_cpu,
            shards_cpu=missed.shards_cpu,
            home=alone,
            miss=miss,
            encodings=(chain.encodings() - before) / (ENCODED + WARM_UP),
            naive=naive(chain, picture) if stores <= NAIVE_UP_TO and not grouped else None,
        )


def sample_in_turn(chain: Chain, count: int, *cameras: Camera) -> list[Sample]:
    """Sample every camera's requests, so many in a round.

    Rounds alternate, so that all meet the same noise.
    """
    rounds: list[list[Sample]] = [[] for _ in cameras]
    for camera in cameras:
        one_round(chain, camera, count)  # warm-up
    for _ in range(ROUNDS):
        for camera, samples in zip(cameras, rounds, strict=True):
            samples.append(one_round(chain, camera, count))
    return [
        Sample(*map(statistics.median, zip(*map(astuple, samples), strict=True)))
        for samples in rounds
    ]


def one_round(chain: Chain, camera: Camera, count: int) -> Sample:
    """Post so many pictures, one after the other."""
    gateway, shards = chain.gateway_cpu(), chain.shards_cpu()
    times = [camera.post() for _ in range(count)]
    percentiles = statistics.quantiles(times, n=100)
    return Sample(
        p50=percentiles[49],
        p99=percentiles[98],
        gateway_cpu=(chain.gateway_cpu() - gateway) * 1000 / count,
        shards_cpu=(chain.shards_cpu() - shards) * 1000 / count,
    )


def median_of(camera: Camera) -> float:
    """Return the median time of requests that are really encoded."""
    for _ in range(WARM_UP):
        camera.post()
    return statistics.median(camera.post() for _ in range(ENCODED))


def naive(chain: Chain, picture: bytes) -> float:
    """Return the median time until every shard, home among them, has recognised the picture."""
    cameras = [Camera.at_shard(port, picture) for port in [chain.ports[HOME], *chain.others]]
    with ThreadPoolExecutor(len(cameras)) as threads:

        def everywhere() -> float:
            started = time.perf_counter()
            list(threads.map(Camera.post, cameras))
            return (time.perf_counter() - started) * 1000

        everywhere()
        return statistics.median(everywhere() for _ in range(ENCODED // 2))


def main() -> None:
    """Measure every size and print one table; exit with 1 when the bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without 100 stores, in four minutes")
    options = parser.parse_args()
    console = Console()
    picture = frame()
    rows = []
    for stores in QUICK if options.quick else SIZES:
        for grouped, way in WAYS.items():
            console.print(f"measuring with {stores} other stores, {way} ...")
            rows.append(measure(stores, picture, grouped=grouped))
    console.print(table(rows))
    verdicts = [verdict(row) for row in rows if row.stores == BAR_STORES]
    for each in verdicts:
        console.print(each.line)
    sys.exit(0 if all(each.met for each in verdicts) else 1)


def verdict(row: FanoutRow) -> Verdict:
    """Say whether so many stores add little, and nobody but home encodes."""
    stores = f"{row.stores} stores, {WAYS[row.grouped]}"
    bar = f"{stores}: less than {BAR_MS:g} ms added at p50, and one encoding"
    met = row.added_p50 < BAR_MS and row.encodings == 1
    return Verdict(bar, met, f"{row.added_p50:.1f} ms")


def table(rows: Sequence[FanoutRow]) -> Table:
    """Return the figures as they are printed."""
    made = Table(
        title=f"Cross-store miss, {FACES} faces a store, {os.cpu_count()} cores, milliseconds",
        caption=(
            "added: beyond the home shard's own time. CPU: of one request, home's left out."
            f" ~: computed from home's time. Encodings of a fan-out: {encodings(rows)}"
        ),
    )
    measured = ("added p50", "p99", "gateway CPU", "shards CPU", "home alone", "fan-out", "naive")
    made.add_column("served by")
    for column in ("stores", *measured):
        made.add_column(column, justify="right")
    for row in rows:
        small = (row.added_p50, row.added_p99, row.gateway_cpu, row.shards_cpu)
        # Every shard encodes, and the cores share that.
        computed = row.home * (row.stores + 1) / (os.cpu_count() or 1)
        made.add_row(
            WAYS[row.grouped],
            str(row.stores),
            *(f"{value:.1f}" for value in small),
            *(f"{value:.0f}" for value in (row.home, row.miss)),
            f"~{computed:.0f}" if row.naive is None else f"{row.naive:.0f}",
        )
    return made


def encodings(rows: Sequence[FanoutRow]) -> str:
    """Return how often a picture was encoded: `1` when that is so with any number of stores."""
    return ", ".join(sorted({f"{row.encodings:g}" for row in rows}))


if __name__ == "__main__":
    main()
