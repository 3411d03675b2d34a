"""Which bars are met, and by how much they are missed."""

from collections.abc import Iterable, Iterator

from bench.count.cases import HOLDS, LOOK_SECONDS, LOOKED_AT, WIDEST
from bench.count.on_vectors import IntervalDraws
from bench.count.through_http import HttpCount
from bench.verdict import Verdict


def verdicts_of_count(count: HttpCount) -> Iterator[Verdict]:
    """Return the verdicts of one case."""
    case, bars = count.case, count.case.bars
    pv = int(count.traffic["pv"])
    yield Verdict(
        f"{case.name}: PV right to the unit", pv == count.visits, f"{pv - count.visits:+}"
    )
    yield _within(f"{case.name}: UV", count.uv_off, bars.uv)
    if bars.estimate is not None:
        yield _within(f"{case.name}: estimate", count.estimate_off, bars.estimate)
    if bars.faceids_of_several is not None:
        share = count.faceids_of_several
        yield Verdict(
            f"{case.name}: FaceIds of several people at most {bars.faceids_of_several:.0%}",
            share <= bars.faceids_of_several,
            f"{share:.1%}",
        )
    yield Verdict(
        f"{case.name}: looked at again", count.looked_again, "yes" if count.looked_again else "no"
    )


def verdicts_of_intervals(drawn: IntervalDraws) -> Iterator[Verdict]:
    """Return the verdicts of the estimate's interval."""
    draws = len(drawn.tallies)
    yield Verdict(
        f"the interval holds the truth in {HOLDS:.0%} of {draws} draws",
        drawn.holds >= HOLDS,
        f"{drawn.holds:.0%}",
    )
    yield Verdict(
        f"the interval is no wider than ±{WIDEST:.0%}",
        drawn.half_width <= WIDEST,
        f"±{drawn.half_width:.1%}",
    )


def verdict_of_looking_again(seconds: float) -> Verdict:
    """Return the verdict of how long it takes to look again."""
    return Verdict(
        f"{LOOKED_AT:,} visitors are looked at again in {LOOK_SECONDS:g} s of one core",
        seconds <= LOOK_SECONDS,
        f"{seconds:.1f} s",
    )


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """Return 0 where every bar is met, else 1."""
    return 0 if all(verdict.met for verdict in verdicts) else 1


def _within(what: str, off: float | None, most: float) -> Verdict:
    met = off is not None and abs(off) <= most
    return Verdict(f"{what} within {most:.0%}", met, "none" if off is None else f"{off:+.1%}")
