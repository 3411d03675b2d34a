"""A model of the user's own against dlib's network: time of a picture, memory of a worker."""

import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.encode.frames import SamplePicture
from bench.encode.workers import cost
from encoder.load.encoder import EncoderChoice, load_encoder

_ROUNDS = 2
_BAR_TIMES = 1.8
"""Of dlib's time, at 640×480, on one core."""
_BAR_MB = 200
"""RSS of a worker."""


def times_of_dlib(console: Console, folder: Path, frames: Sequence[SamplePicture]) -> list[str]:
    """Encode every picture with both in turn; return the bar that is missed."""
    encoders = load_encoder(), load_encoder(EncoderChoice(model=folder))
    times: tuple[list[float], list[float]] = ([], [])
    for encoder in encoders:
        encoder.encode(frames[0].jpeg)  # warm-up
    for frame in [*frames] * _ROUNDS:
        for encoder, taken in zip(encoders, times, strict=True):
            started = time.process_time()
            encoder.encode(frame.jpeg)
            taken.append((time.process_time() - started) * 1000)
    dlibs, own = map(statistics.median, times)
    ratio = own / dlibs
    console.print(
        f"{encoders[1].model} at 640×480: {own:.1f} ms, dlib's network {dlibs:.1f}: × {ratio:.2f}"
    )
    if ratio > _BAR_TIMES:
        return [f"{folder.name}: × {ratio:.2f} of dlib's time, wanted × {_BAR_TIMES}"]
    return []


async def worker_of(console: Console, folder: Path, pictures: Sequence[bytes]) -> list[str]:
    """Measure a worker that also enrolls; return the bar that is missed."""
    measured = await cost(pictures, EncoderChoice(model=folder), to_enroll=True)
    console.print(
        f"a worker with {folder.name}: ready after {measured.ready:.2f} s,"
        f" RSS {measured.resident:.0f} MB, PSS {measured.share:.0f} MB"
    )
    if measured.resident >= _BAR_MB:
        return [f"a worker with {folder.name} takes {measured.resident:.0f} MB, wanted {_BAR_MB}"]
    return []
