"""`python -m bench.chain.partitions`: a directory that is divided over several servers, simulated.

Each part is a database of its own of one server; a search asks all parts at the same time, and
ranks what all have found. On servers of their own the parts would not share the cores: the CPU is
that of all, and the time is told for both, as measured here and of the slowest part by itself.
"""

import argparse
import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.chain.directory_server import DirectoryServer, directory_server
from bench.chain.galleries import FACES
from bench.chain.people import SCALE, SearchedPeople
from contract.messages.directory.roaming_changes import RoamingChanges, RoamingFace
from contract.vectors import Vector, Vectors, to_text
from gateway.directory.tables.database import database_at
from gateway.directory.tables.entries import NearestEntries, apply, nearest
from gateway.directory.tables.nearest_lists import make_lists
from gateway.record.database import Database
from scoring.cohort import Places, pair_scores
from tests.postgresql import database

_RATE = 0.01
_MILLISECONDS = 10_000


@dataclass(frozen=True)
class People:
    """Members of many stores, and faces that are searched."""

    vectors: Vectors
    places: Places
    probes: Vectors
    probe_places: Places

    @classmethod
    def drawn(cls, members: int, searches: int) -> "People":
        """Draw them; all searched faces are of members who come again."""
        drawn, cohort = SearchedPeople(seed=5), SCALE.cohort
        vectors = np.concatenate([drawn.draw(FACES) for _ in range(members // FACES)])
        places = Places.joined(
            [cohort.place(part) for part in np.array_split(vectors, members // FACES)]
        )
        coming = np.linspace(0, len(vectors) - 1, searches).astype(np.intp)
        probes = drawn.seen_again(vectors[coming])
        return cls(vectors, places, probes, cohort.place(probes))

    def store(self, number: int) -> RoamingChanges:
        """Return the members of a store, as its shard tells them."""
        part = slice(number * FACES, (number + 1) * FACES)
        pairs = Places(self.places.mean[part], self.places.deviation[part]).pairs
        faces = [
            RoamingFace(number=n + 1, vector=to_text(vector), place=place)
            for n, (vector, place) in enumerate(zip(self.vectors[part], pairs, strict=True))
        ]
        return RoamingChanges(
            store=f"store-{number:05}",
            model=SCALE.model,
            cohort=SCALE.cohort.name,
            seq=FACES,
            last=FACES,
            faces=faces,
        )

    def best(self) -> list[tuple[str, float]]:
        """Return the store and the score of who is most alike to each probe, of everybody."""
        return [self._best(number) for number in range(len(self.probes))]

    def _best(self, number: int) -> tuple[str, float]:
        cosines = self.vectors @ self.probes[number]
        place = self.probe_places.of(np.array([number]))
        scores = pair_scores(cosines, place, self.places)
        winner = int(np.argmax(scores))
        return f"store-{winner // FACES:05}", float(scores[winner])


@dataclass(frozen=True)
class PartsRow:
    """What a directory of so many parts takes; times in milliseconds."""

    parts: int
    filled_a_second: float
    lists_seconds: float
    cpu: float
    p50: float
    p99: float
    slowest_alone: float
    """Median over the searches of the slowest part, when each is asked by itself."""
    found: float
    """Of those who pass among all, the share whose store is one of the first three."""


async def measured(parts: int, people: People, server: DirectoryServer) -> PartsRow:
    """Fill and search a directory of so many parts."""
    stores = len(people.vectors) // FACES
    with ExitStack() as made:
        urls = [made.enter_context(database(server.server.url)) for _ in range(parts)]
        async with AsyncExitStack() as opened:
            parted = [await opened.enter_async_context(database_at(url)) for url in urls]
            began = time.perf_counter()
            for number in range(stores):
                await parted[number % parts].write(None, apply, 0, people.store(number))
            filled = time.perf_counter()
            await asyncio.gather(*(part.write(None, make_lists) for part in parted))
            listed = time.perf_counter()
            await _searched(parted, people.probes[:20])
            before = server.cpu()
            together = await _searched(parted, people.probes)
            cpu = server.cpu() - before
            alone = [await _searched([part], people.probes) for part in parted]
    ms = [each.ms for each in together]
    return PartsRow(
        parts,
        len(people.vectors) / (filled - began),
        listed - filled,
        1000 * cpu / len(ms),
        float(np.percentile(ms, 50)),
        float(np.percentile(ms, 99)),
        float(np.median(np.max([[each.ms for each in part] for part in alone], axis=0))),
        _found(together, people),
    )


@dataclass(frozen=True)
class _Search:
    ms: float
    found: Sequence[NearestEntries]
    """What each part has."""


async def _searched(parted: Sequence[Database], probes: Vectors) -> list[_Search]:
    async def search(probe: Vector) -> _Search:
        began = time.perf_counter()
        asked = (
            part.read(None, nearest, SCALE.model, probe[None], _MILLISECONDS) for part in parted
        )
        found = [entries for [entries] in await asyncio.gather(*asked)]
        return _Search((time.perf_counter() - began) * 1000, found)

    return [await search(probe) for probe in probes]


def _found(searches: Sequence[_Search], people: People) -> float:
    needed = SCALE.parameters.threshold(faces=len(people.vectors), rate=_RATE)
    hits = []
    for number, (search, (store, score)) in enumerate(zip(searches, people.best(), strict=True)):
        if score >= needed:
            place = people.probe_places.of(np.array([number]))
            hits.append(store in _first(search.found, place))
    return sum(hits) / len(hits)


def _first(found: Sequence[NearestEntries], place: Places) -> list[str]:
    """Return the stores of the three entries with the best scores."""
    stores = [store for each in found for store in each.stores]
    scores = np.concatenate([pair_scores(each.cosines, place, each.places) for each in found])
    return [stores[number] for number in np.argsort(-scores)[:3]]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.chain.partitions", description=__doc__)
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--parts", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--searches", type=int, default=600)
    options = parser.parse_args()
    console = Console(width=120, highlight=False)
    people = People.drawn(options.members, options.searches)
    table = Table(
        *("parts", "filled a second", "lists s", "CPU ms", "p50", "p99", "slowest alone", "found"),
        title=f"{len(people.vectors):,} members",
    )
    with directory_server() as server:
        for parts in options.parts:
            row = asyncio.run(measured(parts, people, server))
            figures = (row.filled_a_second, row.lists_seconds, row.cpu, row.p50, row.p99)
            table.add_row(
                f"{row.parts}",
                *(f"{figure:,.1f}" for figure in (*figures, row.slowest_alone)),
                f"{row.found:.1%}",
            )
            console.print(f"{parts} measured")
    console.print(table)


if __name__ == "__main__":
    main()
