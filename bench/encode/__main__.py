"""`python -m bench.encode`: our encoder against the face_recognition package.

Same pictures, same core, in turn. face_recognition is called as its users do: load the file, find
the locations, encode them. Both take the bytes of a JPEG file and end with vectors. Times are CPU
time on one core: what a picture takes on a core of its own, whatever else the machine does. Exits
with 1 when a bar is missed; where the time goes, and what the processor could do, is always shown.

With `--model models/NAME` it measures that model of the user's own against dlib's network instead.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.encode.frames import SamplePicture, portraits, scenes
from bench.encode.own_model import times_of_dlib, worker_of
from bench.encode.ways import (
    Boxes,
    Way,
    face_recognition_way,
    onnx_cnn,
    with_the_extra,
    without_it,
)
from bench.encode.workers import Cost, cost, pictures_a_second, without_the_extra
from encoder.dlib.cnn import DlibCnn
from encoder.load.encoder import EncoderChoice
from encoder.picture.decode import decode
from encoder.picture.limits import PictureLimits

PICTURES = 24
"""Of each size."""
ROUNDS = 2
SMALLEST = {"250×250": 80, "640×480": 80, "1920×1080": 150}
"""Pixels of the smallest face: 80 on the working picture, whose longer side is 1024 at most."""
BARS = {"250×250": (10, 7), "640×480": (10, 7), "1920×1080": (25, 15)}
"""Times as fast as face_recognition, with facegate[turbo] and without."""
BAR_MB = (320, 220)
BAR_READY = 1.0
BAR_CORES = 1.8
"""Of two cores against one."""
MILLION_MACS = 270.9
"""Multiplications, with an addition each, of the network for one chip; a face has two chips."""


@dataclass(frozen=True)
class Measured:
    """What one way gave for one size."""

    milliseconds: float
    found: int


def measure(frames: Sequence[SamplePicture], ways: Sequence[Way]) -> list[Measured]:
    """Encode every picture in every way, in turn, so that all meet the same noise."""
    times: list[list[float]] = [[] for _ in ways]
    found = [0] * len(ways)
    for way in ways:
        way(frames[0].jpeg)  # warm-up
    for turn in range(ROUNDS):
        for frame in frames:
            for number, way in enumerate(ways):
                started = time.process_time()
                boxes = way(frame.jpeg)
                times[number].append((time.process_time() - started) * 1000)
                if turn == 0:
                    found[number] += sees(boxes, frame)
    return [Measured(statistics.median(of), seen) for of, seen in zip(times, found, strict=True)]


def sees(boxes: Boxes, frame: SamplePicture) -> bool:
    """Return whether the frame's face is among what was found."""
    x, y = frame.middle
    return any(top <= y < bottom and left <= x < right for top, right, bottom, left in boxes)


def main() -> None:
    """Measure everything and print it; exit with 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.encode", description=__doc__)
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="of a model of your own")
    folder: Path | None = parser.parse_args().model
    console = Console()
    missed = own_model_verdicts(console, folder) if folder else verdicts(console)
    for line in missed:
        console.print(f"MISSED: {line}")
    if not missed:
        console.print("all bars met")
    sys.exit(1 if missed else 0)


def own_model_verdicts(console: Console, folder: Path) -> list[str]:
    """Measure a model of the user's own against dlib's network; return the bars it misses."""
    frames = scenes((640, 480), PICTURES, SMALLEST["640×480"])
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    missed = times_of_dlib(console, folder, frames)
    os.sched_setaffinity(0, cores)
    return missed + asyncio.run(worker_of(console, folder, [frame.jpeg for frame in frames]))


def verdicts(console: Console) -> list[str]:
    """Measure facegate against the package and print it; return the bars that are missed."""
    rows: dict[str, list[Measured]] = {}
    sets = {
        "250×250": portraits(PICTURES),
        "640×480": scenes((640, 480), PICTURES, SMALLEST["640×480"]),
        "1920×1080": scenes((1920, 1080), PICTURES, SMALLEST["1920×1080"]),
    }
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    ours = {"with the extra": with_the_extra(), "without the extra": without_it()}
    ways = (face_recognition_way(), *(way.encode for way in ours.values()))
    profiles: dict[tuple[str, str], dict[str, float]] = {}
    for name, frames in sets.items():
        console.print(f"encoding {len(frames)} pictures of {name}, three ways, on one core ...")
        for way in ours.values():
            way.clocks.seconds.clear()
        rows[name] = measure(frames, ways)
        runs = ROUNDS * len(frames) + 1
        for what, way in ours.items():
            parts = way.clocks.seconds.items()
            profiles[name, what] = {part: seconds / runs * 1000 for part, seconds in parts}
    peak = multiplications_a_second()
    console.print(speed_table(rows))
    console.print(profile_table(profiles, peak))
    console.print(cnn_line(sets["640×480"]))
    os.sched_setaffinity(0, cores)
    return speed_verdicts(rows) + asyncio.run(worker_verdicts(console, sets["640×480"]))


def speed_table(rows: dict[str, list[Measured]]) -> Table:
    """Return times, ratios and faces found."""
    made = Table(
        title=f"face_recognition and facegate, CPU ms a picture (medians of {ROUNDS} × {PICTURES})",
        caption=f"found: of {PICTURES} faces, by the package / ours / ours without the extra",
    )
    for column in ("picture", "package", "ours", "", "without extra", "", "found"):
        made.add_column(column, justify="right")
    for name, (package, ours, plain) in rows.items():
        made.add_row(
            name,
            f"{package.milliseconds:.0f}",
            f"{ours.milliseconds:.1f}",
            f"× {package.milliseconds / ours.milliseconds:.1f}",
            f"{plain.milliseconds:.1f}",
            f"× {package.milliseconds / plain.milliseconds:.1f}",
            " / ".join(str(way.found) for way in (package, ours, plain)),
        )
    return made


def speed_verdicts(rows: dict[str, list[Measured]]) -> list[str]:
    """Return the bars of speed and recall that are missed."""
    missed = []
    for name, (package, ours, plain) in rows.items():
        for way, bar, what in zip(
            (ours, plain), BARS[name], ("", " without the extra"), strict=True
        ):
            ratio = package.milliseconds / way.milliseconds
            if ratio < bar:
                missed.append(f"{name}{what}: × {ratio:.1f}, wanted × {bar}")
            if way.found < package.found:
                missed.append(f"{name}{what}: {way.found} faces found, the package {package.found}")
    return missed


def profile_table(profiles: dict[tuple[str, str], dict[str, float]], peak: float) -> Table:
    """Return where the time goes, and what plain convolutions would take at the core's best."""
    least = 2 * MILLION_MACS * 1e6 / peak * 1000
    made = Table(
        title="where facegate's milliseconds go (means)",
        caption=(
            f"At this core's best, {peak / 1e9:.0f} billion multiplications a second in numpy's"
            f" matrix product, the network's plain convolutions would take {least:.1f} ms: two"
            " chips a face."
        ),
    )
    for column in ("picture", "", "network", "detector", "landmarks, chip", "rest", "all"):
        made.add_column(column, justify="right")
    for (name, what), parts in profiles.items():
        known = parts["describe"], parts["detect"], parts["align"]
        rest = parts["all"] - sum(known)
        made.add_row(name, what, *(f"{value:.1f}" for value in (*known, rest, parts["all"])))
    return made


def multiplications_a_second() -> float:
    """Return what this core does at best, measured with numpy's matrix product."""
    side = 768
    values = np.random.default_rng(0).random((side, side), np.float32)

    def once() -> float:
        started = time.process_time()
        np.matmul(values, values)
        return time.process_time() - started

    return float(side**3 / min(once() for _ in range(20)))


def cnn_line(frames: Sequence[SamplePicture]) -> str:
    """Compare the convolutional detectors on a few pictures."""
    pictures = [decode(frame.jpeg, PictureLimits()) for frame in frames[:3]]

    def median(detect: Callable[..., object]) -> float:
        times = []
        for picture in pictures:
            started = time.process_time()
            detect(picture)
            times.append((time.process_time() - started) * 1000)
        return statistics.median(times)

    ours, theirs = onnx_cnn(), DlibCnn()
    ours.detect(pictures[0])
    one, other = median(ours.detect), median(theirs.detect)
    return f"detector cnn at 640×480: {one:.0f} ms, dlib's own {other:.0f} ms, × {other / one:.1f}"


async def worker_verdicts(console: Console, frames: Sequence[SamplePicture]) -> list[str]:
    """Measure workers and print what they cost; return the bars that are missed."""
    pictures = [frame.jpeg for frame in frames]
    with_extra = await cost(pictures, EncoderChoice())
    with without_the_extra():
        plain = await cost(pictures, EncoderChoice())
    count = os.cpu_count() or 1
    one, every = await pictures_a_second(pictures * 2, (1, count))
    console.print(worker_table(with_extra, plain))
    console.print(
        f"640×480: {one:.0f} pictures/s with one worker, {every:.0f} with {count}:"
        f" × {every / one:.2f}"
    )
    missed = []
    for what, measured, bar in zip(
        ("with the extra", "without the extra"), (with_extra, plain), BAR_MB, strict=True
    ):
        if measured.resident >= bar:
            missed.append(f"a worker {what} takes {measured.resident:.0f} MB, wanted below {bar}")
        if measured.ready > BAR_READY:
            missed.append(f"a worker {what} is ready after {measured.ready:.2f} s")
    if count == 2 and every / one < BAR_CORES:
        missed.append(f"two cores encode × {every / one:.2f}, wanted × {BAR_CORES}")
    return missed


def worker_table(with_extra: Cost, plain: Cost) -> Table:
    """Return what workers cost."""
    made = Table(
        title="One worker of two",
        caption="RSS counts in full what both share, PSS by half; ready: best of five",
    )
    for column in ("", "ready, s", "RSS, MB", "PSS, MB"):
        made.add_column(column, justify="right")
    for name, measured in (("with the extra", with_extra), ("without", plain)):
        made.add_row(
            name, f"{measured.ready:.2f}", f"{measured.resident:.0f}", f"{measured.share:.0f}"
        )
    return made


if __name__ == "__main__":
    main()
