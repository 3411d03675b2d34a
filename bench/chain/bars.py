"""Which bars of a chain are met."""

from collections.abc import Iterator, Sequence

from bench.chain.chain_row import ChainRow, Way
from bench.chain.small_stores import UpRow
from bench.verdict import Verdict

PART_OF_PLAIN = 0.2
AS_FEW = 3.0
"""How many times as much as with the fewest stores a miss may cost with the most."""
P99_MS = 100.0
SAME_DECISION = 0.999
READY_SECONDS, MEMORY_GB, AS_FAST = 20.0, 1.5, 1.25
"""`facegate up` with 100 stores: until it is ready, in memory, and how much longer a picture may
take than with three stores, at the median."""


def verdicts(rows: Sequence[ChainRow], up: Sequence[UpRow]) -> Iterator[Verdict]:
    """Return the verdicts of everything that was measured."""
    cpu = {(row.stores, row.way): row.cpu for row in rows}
    for stores in {row.stores for row in rows if row.way == "plain" and row.stores >= 100}:
        together, alone = cpu[stores, "grouped"], cpu[stores, "plain"]
        yield Verdict(
            f"{stores} stores together take at most {PART_OF_PLAIN:g} of the CPU of one by one",
            together <= PART_OF_PLAIN * alone,
            f"{together:.1f} of {alone:.1f} ms, {together / alone:.2f}",
        )
    directory = _of(rows, "directory")
    if directory:
        yield from _of_directory(directory)
    for row in (*_of(rows, "grouped"), *directory):
        bar = f"{row.stores} stores, {row.way}: all answers of stores came"
        yield Verdict(bar, row.failed == 0, f"{row.failed} did not")
    if up:
        yield from _of_up(*up)


def _of(rows: Sequence[ChainRow], way: Way) -> list[ChainRow]:
    """Return the rows of a way, fewest stores first."""
    return sorted((row for row in rows if row.way == way), key=lambda row: row.stores)


def _of_directory(rows: Sequence[ChainRow]) -> Iterator[Verdict]:
    fewest, most = rows[0], rows[-1]
    yield Verdict(
        f"a miss with {most.stores} stores takes at most {AS_FEW:g} times the CPU of one with"
        f" {fewest.stores}",
        most.cpu <= AS_FEW * fewest.cpu,
        f"{most.cpu:.1f} and {fewest.cpu:.1f} ms, {most.cpu / fewest.cpu:.1f}",
    )
    yield Verdict(
        f"p99 of a miss with {most.stores} stores under {P99_MS:g} ms",
        most.p99 < P99_MS,
        f"{most.p99:.0f} ms",
    )
    for row in rows:
        if row.same_decision is not None:
            yield Verdict(
                f"{row.stores} stores: same decision with the directory for {SAME_DECISION:.1%}",
                row.same_decision >= SAME_DECISION,
                f"{row.same_decision:.2%}",
            )


def _of_up(few: UpRow, many: UpRow) -> Iterator[Verdict]:
    yield Verdict(
        f"`facegate up` with {many.stores} stores ready within {READY_SECONDS:g} s",
        many.ready_seconds <= READY_SECONDS,
        f"{many.ready_seconds:.1f} s",
    )
    yield Verdict(
        f"`facegate up` with {many.stores} stores in {MEMORY_GB:g} GB",
        many.memory_gb <= MEMORY_GB,
        f"{many.memory_gb:.2f} GB",
    )
    yield Verdict(
        f"a picture takes at most {AS_FAST:g} times as long with {many.stores} stores",
        many.p50 <= AS_FAST * few.p50,
        f"{many.p50:.0f} ms, {few.p50:.0f} with {few.stores}",
    )
