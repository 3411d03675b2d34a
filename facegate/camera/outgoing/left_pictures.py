"""Pictures that wait on disk for cameras that nobody watches any more."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from facegate.camera.outgoing.spool import ENDING
from service.files.file_lock import lock_file


class LeftPictures(NamedTuple):
    """Where pictures of a camera wait."""

    store: str
    camera: str
    folder: Path

    @property
    def pictures(self) -> int:
        """How many there are now."""
        return sum(1 for _ in self.folder.glob(f"*{ENDING}"))


def left_pictures(spool: Path, watched: Collection[tuple[str, str]]) -> list[LeftPictures]:
    """Return what waits in `spool` of others than the `watched` (store, camera) pairs.

    What an agent elsewhere on this machine has is its own matter.
    """
    found = [
        LeftPictures(unquote(folder.parent.name), unquote(folder.name), folder)
        for folder in sorted({path.parent for path in spool.glob(f"*/*/*{ENDING}")})
    ]
    return [
        left for left in found if (left.store, left.camera) not in watched and _is_free(left.folder)
    ]


def _is_free(folder: Path) -> bool:
    lock = lock_file(folder / ".lock")
    if lock is not None:
        lock.close()
    return lock is not None
