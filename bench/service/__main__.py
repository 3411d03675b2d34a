"""`python -m bench.service`: the system as users start it, and what a picture takes in all.

`facegate up` with three stores in a plain environment, one encoder worker a shard; beside it, in
the same run, the encoder alone, the system with keys asked for, and the course's service: Flask,
face_recognition, Faiss.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.service.clients import Answered, Endpoint, post
from bench.service.crowd import HOME, OTHERS, Crowd, crowd
from bench.service.keys_cost import with_and_without_keys
from bench.service.systems import System, course, encoder_alone, facegate

CLIENTS = (1, 2, 4)
PICTURES = 600
COURSE_PICTURES = 60
BAR_ADDED, BAR_BUSY, BAR_CLIENTS, BAR_KEYS = 0.35, 0.90, 2, 0.05
WIDTH = 160
PARTS = ("gateway", "home shard", "other shards", "encoder", "supervisor")
ADDED = ("gateway", "home shard", "other shards")


@dataclass(frozen=True)
class ServiceRow:
    """What was measured in one way with so many clients; CPU in milliseconds a picture."""

    what: str
    clients: int
    answered: Answered
    cpu: dict[str, float] = field(default_factory=dict)

    @property
    def added(self) -> float:
        """What gateway and shards use, as a part of what the encoder uses."""
        return sum(self.cpu[part] for part in ADDED) / self.cpu["encoder"]

    @property
    def busy(self) -> float:
        """The part of the time for which the encoder's worker computed."""
        return self.cpu["encoder"] * self.answered.a_second / 1000


def measure(
    what: str, system: System, service: Endpoint, pictures: Sequence[bytes], count: int
) -> list[ServiceRow]:
    """Measure one way with every number of clients."""
    post(service, pictures, clients=2, count=len(pictures))  # warm-up
    rows = []
    for clients in CLIENTS:
        before = system.cpu_ms()
        answered = post(service, pictures, clients, count)
        after = system.cpu_ms()
        cpu = {part: (after[part] - before[part]) / count for part in after}
        rows.append(ServiceRow(what, clients, answered, cpu))
    return rows


def of_facegate(people: Crowd, folder: Path) -> list[ServiceRow]:
    """Measure members of the home store with their visits, and strangers whom no store knows."""
    with facegate(people, folder) as system:
        path = f"/v1/stores/{HOME}/recognize?camera={{camera}}"
        home = Endpoint(system.port, path, _is_home)
        unknown = Endpoint(system.port, f"{path}&mint=false", _is_unknown_everywhere)
        return [
            *measure("home hit, visit stored", system, home, people.members, PICTURES),
            *measure("unknown, 2 stores asked", system, unknown, people.strangers, PICTURES),
        ]


def of_course(people: Crowd, folder: Path) -> list[ServiceRow]:
    """Measure the members of the home store in the course's service."""
    with course(people, folder) as system:
        service = Endpoint(system.port, "/recognize", lambda raw: bool(json.loads(raw)["faces"]))
        return measure("the course's service", system, service, people.members, COURSE_PICTURES)


def _match(raw: bytes) -> str | None:
    faces = json.loads(raw)["faces"]
    return faces[0]["match"] if faces else None


def _is_home(raw: bytes) -> bool:
    return _match(raw) == "home"


def _is_unknown_everywhere(raw: bytes) -> bool:
    answer = json.loads(raw)
    return _match(raw) == "unknown" and answer["coverage"]["answered"] == len(OTHERS) + 1


def main() -> None:
    """Measure all, print one table; exit with 1 when a bar is missed."""
    if find_spec("flask") is None:
        sys.exit("the course's service needs Flask: `make setup`, or `pip install flask`")
    argparse.ArgumentParser(prog="python -m bench.service", description=__doc__).parse_args()
    console = Console(width=WIDTH)
    people = crowd()
    with tempfile.TemporaryDirectory() as folder:
        console.print("measuring the encoder alone ...")
        alone = asyncio.run(encoder_alone(people.members, PICTURES))
        console.print("measuring `facegate up` ...")
        ours = of_facegate(people, Path(folder) / "facegate")
        console.print("measuring what keys cost ...")
        without, keys = with_and_without_keys(people, Path(folder) / "keys", _is_home)
        console.print("measuring the course's service ...")
        theirs = of_course(people, Path(folder) / "course")
    console.print(table(ours, theirs, alone))
    at_home = [row for row in ours if row.what == ours[0].what]
    at_bar = next(row for row in at_home if row.clients == BAR_CLIENTS)
    verdicts = {
        f"gateway and shards add at most {BAR_ADDED:.0%} to the encoder's CPU for a home hit, at"
        f" {BAR_CLIENTS} clients": (at_bar.added <= BAR_ADDED, f"{at_bar.added:.0%}"),
        f"at {BAR_CLIENTS} clients the worker is busy for {BAR_BUSY:.0%} of the time": (
            at_bar.busy >= BAR_BUSY,
            f"{at_bar.busy:.0%}",
        ),
        f"keys cost at most {BAR_KEYS:.0%} of the throughput": (
            keys >= without * (1 - BAR_KEYS),
            f"{keys:.1f} pictures a second with keys, {without:.1f} without",
        ),
    }
    for bar, (met, measured) in verdicts.items():
        console.print(f"bar: {bar}: {'met' if met else 'MISSED'} ({measured})")
    sys.exit(0 if all(met for met, _ in verdicts.values()) else 1)


def table(
    ours: Sequence[ServiceRow], theirs: Sequence[ServiceRow], alone: tuple[float, float]
) -> Table:
    """Return the figures as they are printed."""
    made = Table(
        title=f"A picture over HTTP, {os.cpu_count()} cores; milliseconds, those of CPU by process",
        caption=(
            "added: gateway and shards as a part of the encoder. busy: the worker's share of the"
            f" time. other: answers that were not the expected one, of {PICTURES}"
        ),
    )
    for column in (
        "",
        "clients",
        "pictures/s",
        "p50 ms",
        "p99 ms",
        *PARTS,
        "added",
        "busy",
        "other",
    ):
        made.add_column(column, justify="right" if column else "left", no_wrap=True)
    made.add_row("encoder alone", "1", f"{alone[0]:.0f}", *[""] * 5, f"{alone[1]:.1f}", *[""] * 4)
    for row in ours:
        cpu = [f"{row.cpu[part]:.2f}" for part in PARTS]
        wrong = str(row.answered.unexpected)
        made.add_row(*_times(row), *cpu, f"{row.added:.0%}", f"{row.busy:.0%}", wrong)
    for row in theirs:
        made.add_row(*_times(row), *[""] * 3, f"{row.cpu['service']:.1f}", *[""] * 4)
    return made


def _times(row: ServiceRow) -> tuple[str, ...]:
    answered = row.answered
    times = (answered.a_second, answered.p50, answered.p99)
    return (row.what, str(row.clients), *(f"{value:.0f}" for value in times))


if __name__ == "__main__":
    main()
