"""A folder of pictures as a source: those that are there, or those that a camera puts there."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from PIL import Image

from contract.errors import PictureError
from contract.pictures.folder import pictures_in
from encoder.picture.decode import decode
from encoder.picture.limits import PictureLimits
from facegate.camera.report import AgentReport
from facegate.camera.sources.frame import SourceFrame, thumbnail_of

_LOOK_SECONDS = 1.0


def read_pictures(folder: Path, report: AgentReport) -> Iterator[SourceFrame]:
    """Yield the pictures in a folder, the oldest first, each at the moment of its file."""
    numbers = count()
    for path in sorted(_files(folder), key=lambda path: (_time_of(path), path)):
        yield from _frame(path, next(numbers), report)


def watch_pictures(
    folder: Path, report: AgentReport, numbers: Iterator[int]
) -> Iterator[SourceFrame]:
    """Yield the pictures that come into a folder from now on, for ever.

    A file is read when two looks in a row find it the same: it may still be written.
    """
    done = set(_files(folder))
    sizes: dict[Path, int] = {}
    while True:
        time.sleep(_LOOK_SECONDS)
        before, sizes = sizes, {p: _size_of(p) for p in _files(folder) if p not in done}
        ready = [path for path, size in sizes.items() if size and before.get(path) == size]
        for path in sorted(ready, key=lambda path: (_time_of(path), path)):
            done.add(path)
            yield from _frame(path, next(numbers), report)


def _files(folder: Path) -> list[Path]:
    return [path for _, path in pictures_in(folder)]


def _frame(path: Path, number: int, report: AgentReport) -> Iterator[SourceFrame]:
    try:
        picture = Image.fromarray(decode(path.read_bytes(), PictureLimits()))
    except (PictureError, OSError) as error:
        report.say("unreadable", f"{path.name}: {error}", file=str(path), reason=str(error))
        return
    at = datetime.fromtimestamp(_time_of(path), UTC)
    yield SourceFrame(number, at, thumbnail_of(picture), lambda: picture)


def _time_of(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # gone meanwhile
        return 0.0


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
