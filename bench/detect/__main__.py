"""`python -m bench.detect`: who is found by hog, cnn and auto, and what that takes.

The clip as the agent watches it, and frames made of people of ../shared/lfw. Exits with 1 when a
bar is missed.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from statistics import median
from typing import get_args

from rich.console import Console
from rich.table import Table

from bench.detect.clip import CLIP, PEOPLE, ClipRun, watch
from bench.detect.frames import FrameRow, look, portraits
from bench.verdict import Verdict
from contract.stores.detection import Detector
from tests.pictures import SHARED

DETECTORS: tuple[Detector, ...] = get_args(Detector)
LEAST_PEOPLE = 0.9
"""Of those whom the CNN finds."""
MOST_CPU = 2.5
"""Times what HOG takes."""
_FRAMES, _QUICK_FRAMES = 200, 40
_ROUNDS, _QUICK_ROUNDS = 5, 3
_WIDTH = 150


def watched(rounds: int) -> list[ClipRun]:
    """Watch the clip with each detector in turn; return each one's run of the median CPU."""
    runs = [watch(detector) for _ in range(rounds) for detector in DETECTORS]
    chosen = []
    for detector in DETECTORS:
        of_one = [run for run in runs if run.detector == detector]
        middle = median(run.cpu for run in of_one)
        chosen.append(min(of_one, key=lambda run: abs(run.cpu - middle)))
    return chosen


def verdicts(runs: Sequence[ClipRun]) -> Iterator[Verdict]:
    """Yield the bars on the clip."""
    hog, cnn, auto = (
        next(run for run in runs if run.detector == name) for name in ("hog", "cnn", "auto")
    )
    met = len(auto.people & cnn.people) >= LEAST_PEOPLE * len(cnn.people)
    yield Verdict(
        f"auto finds {LEAST_PEOPLE:.0%} of the people whom cnn finds",
        met,
        f"{len(auto.people & cnn.people)} of {len(cnn.people)}",
    )
    times = auto.cpu / hog.cpu
    yield Verdict(
        f"auto takes at most {MOST_CPU} times the CPU of hog", times <= MOST_CPU, f"{times:.2f}"
    )


def show_clip(runs: Sequence[ClipRun]) -> None:
    """Print who was found, and where the time went."""
    names = sorted({one.person for one in PEOPLE})
    table = Table("the clip", *DETECTORS)
    table.add_row("people", *(f"{len(run.people)} of {len(names)}" for run in runs))
    table.add_row("faces", *(f"{run.faces}" for run in runs))
    table.add_row("false", *(f"{run.false}" for run in runs))
    table.add_row("tracks", *(f"{run.tracks}" for run in runs))
    table.add_row("CPU, s", *(f"{run.cpu:.2f}" for run in runs))
    table.add_row("by HOG", *(f"{run.by_hog:.2f}" for run in runs))
    table.add_row("by the CNN", *(f"{run.by_cnn:.2f}" for run in runs))
    table.add_row("all else", *(f"{run.others:.2f}" for run in runs))
    for name in names:
        table.add_row(name, *("found" if name in run.people else "" for run in runs))
    Console(width=_WIDTH).print(table)


def show_frames(rows: Sequence[FrameRow]) -> None:
    """Print what was found in frames of each kind."""
    table = Table("frames", *(f"{name}: {what}" for name in DETECTORS for what in _COLUMNS))
    for kind in dict.fromkeys(row.kind for row in rows):
        cells = []
        for name in DETECTORS:
            row = next(row for row in rows if (row.kind, row.detector) == (kind, name))
            shown = "" if kind == "nobody" else f"{row.found / row.frames:.0%}"
            cells += [shown, f"{row.false}", f"{row.cpu / row.frames * 1000:.0f}"]
        table.add_row(kind, *cells)
    Console(width=_WIDTH).print(table)


_COLUMNS = ("found", "false", "ms")


def main() -> int:
    """Measure; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer frames and rounds")
    given = parser.parse_args()
    if not (SHARED / "lfw").is_dir() or not CLIP.is_file():
        print("bench.detect needs ../shared/lfw and ../shared/photos")
        return 0
    people = portraits(_QUICK_FRAMES if given.quick else _FRAMES)
    show_frames([row for detector in DETECTORS for row in look(people, detector)])
    runs = watched(_QUICK_ROUNDS if given.quick else _ROUNDS)
    show_clip(runs)
    judged = list(verdicts(runs))
    print("\n".join(verdict.line for verdict in judged))
    return 0 if all(verdict.met for verdict in judged) else 1


if __name__ == "__main__":
    sys.exit(main())
