"""Whether the files that a process has open are still the ones at their path.

An open file goes on taking writes after somebody deleted, moved or replaced it, or its folder; what
is written then is lost with the process.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from contract.errors import FilesGone


class FileIdentity:
    """Remembers device and inode of the files at some paths; a check takes a few microseconds."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Remember those that are there; others are remembered when they are first seen."""
        self._known: dict[Path, tuple[int, int] | None] = dict.fromkeys(paths)
        self.check()

    def check(self) -> None:
        """Raise FilesGone when one is no longer at its path, or is another one."""
        for path, known in self._known.items():
            found = _identity(path)
            if known is None:
                self._known[path] = found
            elif found != known:
                what = "is no longer there" if found is None else "is another file now"
                raise FilesGone(
                    f"{path} {what}: nothing is stored any more. Put back the file that this"
                    " process has open, or restart it to begin with what is there"
                )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - half the time of Path.stat, at every transaction
    except OSError:
        return None
    return found.st_dev, found.st_ino
