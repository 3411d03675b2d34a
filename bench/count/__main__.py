"""`python -m bench.count`: how true the count of visitors is.

People of LFW whom nobody has enrolled come to stores that `facegate up` runs, and cameras send what
they see; then the same on stored vectors, draw after draw. Exits with 1 when a bar is missed.

`--model MODELS/NAME` does it with a network of one's own, whose scale `facegate model fit --half`
has made from half of the people.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.album import Album, open_album
from bench.count.bars import (
    exit_code,
    verdict_of_looking_again,
    verdicts_of_count,
    verdicts_of_intervals,
)
from bench.count.cases import CASES, LOOKED_AT, ONCE_AND_OFTEN
from bench.count.on_vectors import draw_intervals, seconds_to_look_again
from bench.count.through_http import HttpCount, count_through_http
from bench.tested_model import TestedModel
from bench.verdict import Verdict
from facegate.evaluation.counting.measured_rates import crowd_beside_others, measure_rates
from facegate.evaluation.counting.simulation import Crowd
from facegate.evaluation.fitting.split import develops
from facegate.evaluation.photographs import Photographs
from facegate.evaluation.subjects import HALF
from scoring.counting_rates import CountingTable
from scoring.scoring_data import read_scoring_data
from tests.pictures import SHARED

DRAWS = 30
QUICK_ROUNDS, ROUNDS = 1, 5
"""How often each case is counted through HTTP, each time with other people."""
WIDTH = 140


def main() -> None:
    """Measure all, print it, and say which bars are missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.count", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="each case once, within five minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--rates", action="store_true", help="print scoring/data/counting.json, and do nothing else"
    )
    parser.add_argument("--model", type=Path, help="the folder of a network of one's own")
    options = parser.parse_args()
    folder = SHARED / "lfw"
    if not folder.is_dir():
        sys.exit(f"{folder} is not there: people with several pictures are needed")
    console = Console(width=WIDTH, highlight=False)
    console.print("encoding pictures ...")
    if options.rates:
        _print_rates(open_album(folder, _say_nothing, lambda person: True).photographs)
        return
    tested = TestedModel.of(options.model)
    album = open_album(folder, _say_nothing, tested.tests, tested.folder)
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    verdicts = [
        *_through_http(console, album, tested, range(options.seed, options.seed + rounds)),
        *_on_vectors(console, Crowd(album.photographs, tested.scale), options.seed),
    ]
    for verdict in verdicts:
        console.print(verdict.line)
    sys.exit(exit_code(verdicts))


def _print_rates(photographs: Photographs) -> None:
    """Print the rates of those from whom the half's cohort was made, by a cohort of the others."""
    crowd = crowd_beside_others(photographs, develops, read_scoring_data(HALF).parameters)
    rates = CountingTable(model=photographs.model, rates=tuple(measure_rates(crowd)))
    print(rates.text, end="")


def _say_nothing(done: int, total: int) -> None:
    """Show no progress."""


def _through_http(
    console: Console, album: Album, tested: TestedModel, seeds: range
) -> list[Verdict]:
    counts = []
    for case in CASES:
        for seed in seeds:
            console.print(f"counting through HTTP: {case.name} ...")
            with tempfile.TemporaryDirectory() as folder:
                counts.append(count_through_http(case, album, tested, Path(folder), seed))
    console.print(table(counts))
    return [verdict for count in counts for verdict in verdicts_of_count(count)]


def _on_vectors(console: Console, crowd: Crowd, seed: int) -> list[Verdict]:
    console.print(f"drawing {ONCE_AND_OFTEN.name} {DRAWS} times ...")
    drawn = draw_intervals(crowd, ONCE_AND_OFTEN.mix, DRAWS, seed, _say_nothing)
    console.print(f"the estimate is off by {drawn.off:+.1%} in the mean")
    console.print(f"looking again at {LOOKED_AT:,} visitors ...")
    seconds = seconds_to_look_again(crowd, LOOKED_AT)
    return [*verdicts_of_intervals(drawn), verdict_of_looking_again(seconds)]


def table(counts: list[HttpCount]) -> Table:
    """Return what was counted through HTTP."""
    made = Table(title="through HTTP, people whom nobody enrolled")
    for column in (
        *("", "people", "frames", "PV", "UV", "off", "estimate", "off", "people with one"),
        *("FaceIds of several", "answer p50 ms", "p99 ms"),
    ):
        made.add_column(column, justify="right" if column else "left")
    for count in counts:
        made.add_row(*_cells(count))
    return made


def _cells(count: HttpCount) -> list[str]:
    estimate, off = count.traffic.get("uv_estimate"), count.estimate_off
    times = sorted(count.milliseconds)
    return [
        count.case.name,
        str(count.people),
        str(count.case.mix.frames),
        f"{count.traffic['pv']} ({count.traffic['pv'] - count.visits:+})",
        str(count.traffic["uv"]),
        f"{count.uv_off:+.1%}",
        "" if estimate is None else f"{estimate['value']} [{estimate['low']} {estimate['high']}]",
        "" if off is None else f"{off:+.1%}",
        str(count.tally.people_counted_once),
        f"{count.tally.faceids_of_several} ({count.faceids_of_several:.1%})",
        f"{times[len(times) // 2]:.0f}",
        f"{times[len(times) * 99 // 100]:.0f}",
    ]


if __name__ == "__main__":
    main()
