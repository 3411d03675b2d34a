"""Which bars are met, and by how much they are missed."""

from collections.abc import Iterator, Mapping

from bench.search.index_step import StepTimes
from bench.search.measured import Measured
from bench.verdict import Verdict

FAISS, COURSE, LANCE, CHROMA = "Faiss alone", "the course's service", "LanceDB", "Chroma"
FLAT, IVF, SQ8 = "facegate flat", "facegate ivf_flat", "facegate sq8"
LARGE = 1_000_000
"""People from which on the bars of throughput hold: with fewer HTTP takes longer."""
WEIGHED = 100_000
"""From which on their memory shows beside that of a process that does anything."""
BYTES, BYTES_SQ8 = 700.0, 350.0
STEP_MS = 5.0
DECISIONS = 0.99
_EXACT_ENOUGH = 0.99


def verdicts(rows: Mapping[str, Measured]) -> Iterator[Verdict]:
    """Return the verdicts of all systems with the same people."""
    flat = rows[FLAT]
    if flat.people >= WEIGHED:
        yield _at_most("flat: bytes a template", flat.bytes_each, BYTES)
    if SQ8 in rows and flat.people >= WEIGHED:
        yield _at_most("sq8: bytes a template", rows[SQ8].bytes_each, BYTES_SQ8)
    for name in (IVF, SQ8):
        if name in rows and (same := rows[name].same_decision) is not None:
            yield _at_least(f"{name}: same decision as flat", same, DECISIONS)
    if flat.people >= LARGE:
        yield from _of_large_stores(rows)


def step_verdicts(steps: StepTimes) -> Iterator[Verdict]:
    """Return the verdicts of enrolments' index steps beside searches."""
    at = f"{steps.kind}, {steps.people:,} people"
    yield _at_most(f"{at}: ms of an enrolment's index step, p99", steps.step_p99, STEP_MS)
    waited = steps.search_p99 - steps.alone_p99
    yield _at_most(f"{at}: ms more that a search takes meanwhile, p99", waited, STEP_MS)


def _of_large_stores(rows: Mapping[str, Measured]) -> Iterator[Verdict]:
    flat = rows[FLAT]
    for other in (COURSE, FAISS):
        times = flat.searched[32].a_second / rows[other].searched[32].a_second
        yield _at_least(f"flat, 32 clients: times the throughput of {other}", times, 4)
    yield _at_most(
        "flat, 1 client: p50 as a multiple of Faiss alone",
        flat.searched[1].p50 / rows[FAISS].searched[1].p50,
        1.3,
    )
    for other in (name for name in (LANCE, CHROMA) if name in rows):
        ours = _fastest(rows, min(rows[other].exact, _EXACT_ENOUGH))
        times = ours.searched[32].a_second / rows[other].searched[32].a_second
        at = f"{ours.system} at {ours.exact:.3f}, {other} at {rows[other].exact:.3f}"
        yield _at_least(f"32 clients: times the throughput of {other} ({at})", times, 1)
    if IVF in rows:
        ivf = rows[IVF]
        yield _at_least("ivf_flat: finds whom flat finds", ivf.exact, _EXACT_ENOUGH)
        cpu = (flat.cpu_ms or 0) / (ivf.cpu_ms or 1)
        yield _at_least("ivf_flat, 1 client: times as little CPU as flat", cpu, 6)
    yield _at_most("flat: seconds of a start", flat.start, 5)
    if flat.start_read is not None:
        yield _at_most("flat: seconds of a start without a snapshot", flat.start_read, 60)


def _fastest(rows: Mapping[str, Measured], exact: float) -> Measured:
    """Return our system with the highest throughput of those that are so exact."""
    ours = [rows[name] for name in (FLAT, IVF, SQ8) if name in rows]
    return max(
        (row for row in ours if row.exact >= exact), key=lambda row: row.searched[32].a_second
    )


def _at_most(bar: str, value: float, limit: float) -> Verdict:
    return Verdict(f"{bar} at most {limit:g}", value <= limit, f"{value:.3g}")


def _at_least(bar: str, value: float, limit: float) -> Verdict:
    return Verdict(f"{bar} at least {limit:g}", value >= limit, f"{value:.3g}")
