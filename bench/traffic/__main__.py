"""`python -m bench.traffic`: how long a year of footfall takes to answer, over HTTP.

One store with a tenth of the chain's visits, and ninety-nine with the rest, on SQLite and on
PostgreSQL. Everything is asked of a real gateway; exits with 1 when a bar is missed.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from bench.traffic.history import YEAR, History, draw, store_name
from bench.traffic.loading import load
from tests import postgresql
from tests.cluster.processes import Service
from tests.ports import free_port

STORES = 100
ASKED = 15
_YEAR = f"from={YEAR}-01-01&to={YEAR + 1}-01-01"
_WEEK = f"from={YEAR}-06-02&to={YEAR}-06-09"


@dataclass(frozen=True)
class TrafficQuery:
    """What is asked, and how long it may take at the median."""

    text: str
    path: str
    bar_ms: float | None = None


QUESTIONS = (
    TrafficQuery("store, a year by day", f"/v1/stores/{store_name(0)}/traffic?by=day&{_YEAR}", 300),
    TrafficQuery("store, a year by hour", f"/v1/stores/{store_name(0)}/traffic?by=hour&{_YEAR}"),
    TrafficQuery("store, a week by hour", f"/v1/stores/{store_name(0)}/traffic?by=hour&{_WEEK}"),
    TrafficQuery("chain, a year by day", f"/v1/traffic?by=day&{_YEAR}", 2000),
    TrafficQuery("chain, a week by hour", f"/v1/traffic?by=hour&{_WEEK}"),
    TrafficQuery("roaming matrix of a year", f"/v1/traffic/roaming?{_YEAR}"),
    TrafficQuery("who is in the store", f"/v1/stores/{store_name(0)}/present"),
)


@contextmanager
def gateway(folder: Path, url: str) -> Iterator[httpx.Client]:
    """Run a gateway on the record at `url`; its stores' shards are not there."""
    stores = folder / "stores.yaml"
    first = free_port()
    stores.write_text(
        "".join(f"{store_name(n)}: 127.0.0.1:{first + n}\n" for n in range(STORES)),
        encoding="utf-8",
    )
    settings = {"FACEGATE_STORES": str(stores), "FACEGATE_RECORD_URL": url}
    settings["FACEGATE_HEALTH_SECONDS"] = "60"  # nobody is there to ask
    service = Service("gateway", [], free_port(), settings, folder / "gateway.log")
    service.start()
    try:
        service.wait_ready()
        with httpx.Client(base_url=service.url, timeout=120) as client:
            yield client
    finally:
        service.stop()


def milliseconds(client: httpx.Client, path: str) -> list[float]:
    """Return how long each of several answers took, after one to warm up."""
    times = []
    for _ in range(ASKED + 1):
        started = time.perf_counter()
        client.get(path).raise_for_status()
        times.append((time.perf_counter() - started) * 1000)
    return times[1:]


def measure(url: str, folder: Path, history: History, console: Console) -> list[list[float]]:
    """Load the history into `url` and ask every question."""
    started = time.perf_counter()
    asyncio.run(load(url, folder, history))
    console.print(f"loaded in {time.perf_counter() - started:.0f} s", style="dim")
    with gateway(folder, url) as client:
        total = client.get(QUESTIONS[3].path).json()["pv"]
        assert total == len(history.store), (total, len(history.store))
        return [milliseconds(client, question.path) for question in QUESTIONS]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.traffic", description=__doc__)
    parser.add_argument("--visits", type=int, default=10_000_000, help="of the chain in the year")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    console = Console()
    history = draw(given.visits // 10, given.visits, STORES)
    kinds = [given.only] if given.only else ["sqlite", "postgresql"]
    results = {}
    for kind in kinds:
        console.print(f"{given.visits:,} visits into {kind}", style="dim")
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = f"sqlite:///{folder / 'gateway.sqlite'}"
            if kind == "postgresql":
                url = stack.enter_context(
                    postgresql.database(stack.enter_context(postgresql.server()))
                )
            results[kind] = measure(url, folder, history, console)
    table = Table("milliseconds, median (worst)", *kinds, "bar", title=f"{given.visits:,} visits")
    missed = False
    for number, question in enumerate(QUESTIONS):
        cells = []
        for kind in kinds:
            times = results[kind][number]
            median = statistics.median(times)
            missed |= question.bar_ms is not None and median >= question.bar_ms
            cells.append(f"{median:.0f} ({max(times):.0f})")
        table.add_row(question.text, *cells, f"{question.bar_ms or ''}")
    console.print(table)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
