"""`python -m bench.search`: how quickly a store's faces are searched, at what price.

A shard with 10,000, 100,000 and a million people, most of them drawn, over HTTP, beside Faiss by
itself, the course's service, and two vector stores. Exits with 1 and names the bars that are
missed.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.album import open_album
from bench.search.bars import (
    COURSE,
    FAISS,
    FLAT,
    IVF,
    LARGE,
    SQ8,
    WEIGHED,
    step_verdicts,
    verdicts,
)
from bench.search.clients import milliseconds, search
from bench.search.index_step import steps_of
from bench.search.measured import Measured, share_alike
from bench.search.memory import resident_bytes
from bench.search.people import SearchedPeople, searched
from bench.search.rivals import LIBRARIES, as_exact_as, course, library
from bench.search.shard_service import (
    ShardCaller,
    delete_snapshots,
    fill,
    shard,
    wait_for_places,
)
from bench.service.cpu import cpu_ms
from contract.vectors import Vectors
from facegate.evaluation.photographs import Photographs
from shard.index.partition_index import LEAST_LISTED
from tests.pictures import SHARED

SIZES, QUICK_SIZES = (10_000, 100_000, 1_000_000), (10_000, 100_000)
CLIENTS = (1, 32)
PROBES = 200
SECONDS, QUICK_SECONDS = 15.0, 4.0
CHANGES = 50
KINDS = {FLAT: "flat", IVF: "ivf_flat", SQ8: "sq8"}
WIDTH = 160
_SOME = 1500
"""Pictures that a mixture is fitted to."""


def main() -> None:
    """Measure every size, print a table of each, and say which bars are missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the million")
    parser.add_argument("--sizes", type=int, nargs="+", help="other numbers of people")
    parser.add_argument(
        "--vectors", type=Path, help="encoded pictures, as `facegate evaluate --vectors` keeps them"
    )
    parser.add_argument("--json", type=Path, help="a file for the figures, for bench.curves")
    options = parser.parse_args()
    console = Console(width=WIDTH, highlight=False)
    if not LIBRARIES.exists():
        console.print("without the vector stores: `make bench-search` installs them")
    real = _real(options.vectors, console)
    seconds = QUICK_SECONDS if options.quick else SECONDS
    missed, measured = 0, list[Measured]()
    for size in options.sizes or (QUICK_SIZES if options.quick else SIZES):
        console.print(f"drawing {size:,} people ...")
        people = searched(real, size, min(PROBES, size))
        with tempfile.TemporaryDirectory() as folder:
            rows = {row.system: row for row in _measure(people, Path(folder), seconds, console)}
            steps = [steps_of(Path(folder), kind) for kind in _stepped(size)]
        console.print(_table(rows.values(), size))
        for verdict in chain(verdicts(rows), *map(step_verdicts, steps)):
            console.print(verdict.line)
            missed += not verdict.met
        measured += rows.values()
    if options.json:
        figures = {"search": [asdict(row) for row in measured]}
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    sys.exit(1 if missed else 0)


def _real(vectors: Path | None, console: Console) -> Photographs:
    if vectors is not None:
        return Photographs.load(vectors)
    folder = SHARED / "lfw"
    if not folder.is_dir():
        sys.exit(f"{folder} is not there: give encoded pictures of people with --vectors")
    console.print("encoding pictures of people who have several ...")
    several = [each.name for each in sorted(folder.iterdir()) if len(list(each.iterdir())) > 1]
    wanted = frozenset(several[: _SOME // 3])
    return open_album(folder, lambda done, total: None, wanted.__contains__).photographs


def _measure(
    people: SearchedPeople, folder: Path, seconds: float, console: Console
) -> Iterator[Measured]:
    np.save(folder / "templates.npy", people.templates)
    np.save(folder / "probes.npy", people.probes)
    console.print(f"{FAISS} ...")
    faiss = library("faiss", folder, people, seconds)
    yield faiss
    for what in ("lancedb", "chroma") if LIBRARIES.exists() else ():
        console.print(f"{what} ...")
        yield as_exact_as(library(what, folder, people, seconds), faiss)
    console.print(f"{COURSE} ...")
    yield as_exact_as(course(folder, people, CLIENTS, seconds), faiss)
    console.print("enrolling ...")
    console.print(f"enrolled {fill(folder / 'data', people):,.0f} a second")
    yield from _of_facegate(people, folder / "data", seconds, console)


def _of_facegate(
    people: SearchedPeople, data: Path, seconds: float, console: Console
) -> Iterator[Measured]:
    flat: Measured | None = None
    decided: Sequence[str | None] = ()
    empty = data.parent / "empty"
    fill(empty, people._replace(templates=people.templates[:0]))
    with shard(empty, people, "flat") as running:
        base = resident_bytes(running.pid)
    with shard(data, people, "flat") as running:
        anew = running.start_seconds
        wait_for_places(data, people)
    delete_snapshots(data)
    with shard(data, people, "flat") as running:
        read = running.start_seconds
    for system, kind in _kinds(len(people.templates)):
        console.print(f"{system} ...")
        with shard(data, people, kind) as running:
            memory = (resident_bytes(running.pid) - base) / len(people.templates)
            caller = running.client()
            decisions = [_decision(caller, probe) for probe in people.probes]
            before = cpu_ms([running.pid])
            one = search(running.connect, list(people.probes), 1, seconds)
            cpu = (cpu_ms([running.pid]) - before) / (one.a_second * seconds)
            many = search(running.connect, list(people.probes), CLIENTS[-1], seconds)
            added, removed = _changes(running.client(), kind, people.probes)
        decided = decided or decisions
        row = Measured(
            system,
            len(people.templates),
            {CLIENTS[0]: one, CLIENTS[-1]: many},
            1.0 if flat is None else share_alike(one.found, flat.searched[1].found),
            running.start_seconds,
            memory,
            added,
            removed,
            cpu,
            share_alike(decisions, decided),
            *((read, anew) if flat is None else (None, None)),
        )
        flat = flat or row
        yield row


def _kinds(people: int) -> Iterator[tuple[str, str]]:
    """Return the kinds that so many are searched by: fewer have no lists."""
    return (one for one in KINDS.items() if one[0] != IVF or people >= LEAST_LISTED)


def _stepped(people: int) -> Sequence[str]:
    """Return the kinds whose enrolments are measured beside searches."""
    if people < WEIGHED:
        return []
    return ["flat"] if people < LARGE else [*KINDS.values()]


def _decision(caller: ShardCaller, probe: Vectors) -> str | None:
    best = caller.best(probe)
    return str(best["face_id"]) if best is not None and best["passes"] else None


def _changes(caller: ShardCaller, kind: str, probes: Vectors) -> tuple[float, float]:
    """Return the median milliseconds of an enrolment and of an erasure over HTTP.

    Names are those of one kind: who was erased would not be enrolled again.
    """
    names = [f"{kind}-{number}" for number in range(min(CHANGES, len(probes)))]
    added = [
        milliseconds(partial(caller.enroll, name, probe))
        for name, probe in zip(names, probes, strict=False)
    ]
    removed = [milliseconds(partial(caller.erase, name)) for name in names]
    return float(np.median(added)), float(np.median(removed))


def _table(rows: Iterable[Measured], size: int) -> Table:
    made = Table(
        title=f"{size:,} people, {os.cpu_count()} cores that clients and services share",
        caption="ms: of one search; exact: how often it found whom an exact search finds",
    )
    made.add_column("")
    for column in (
        *("1 client: ms p50", "p99", "CPU", "32 clients: a second", "p50", "p99", "exact"),
        *("same decision", "bytes each", "start s", "read", "anew", "add ms", "remove ms"),
    ):
        made.add_column(column, justify="right")
    for row in rows:
        one, many = row.searched[CLIENTS[0]], row.searched[CLIENTS[-1]]
        made.add_row(
            row.system,
            *(_shown(value, 2) for value in (one.p50, one.p99, row.cpu_ms)),
            *(_shown(value, 0) for value in (many.a_second, many.p50, many.p99)),
            *(_shown(value, 3) for value in (row.exact, row.same_decision)),
            _shown(row.bytes_each, 0),
            *(_shown(value, 1) for value in (row.start, row.start_read, row.start_anew)),
            *(_shown(value, 1) for value in (row.add_ms, row.remove_ms)),
        )
    return made


def _shown(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


if __name__ == "__main__":
    main()
