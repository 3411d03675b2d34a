"""What is to be sent waits here, on disk: no outage of gateway, network or agent loses it."""

import os
import threading
from collections import deque
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import quote

from contract.errors import BadRequest
from facegate.camera.outgoing.posting import DamagedPosting, Posting
from service.files.file_lock import lock_file

ENDING, _PART = ".post", ".part"
"""Of the file of a posting that is whole, and of one that is being written."""


def spool_of_store(spool: Path, store: str) -> Path:
    """Return the folder in which a store's cameras have their spools."""
    return spool / quote(store, safe="")


def spool_of_camera(spool: Path, store: str, camera: str) -> Path:
    """Return the folder in which the pictures of a camera wait."""
    return spool_of_store(spool, store) / quote(camera, safe="")


class SpooledPosting(NamedTuple):
    """A posting, and the file that it is in."""

    path: Path
    posting: Posting


class Spool:
    """A folder of postings, each in a file that is whole or not there. Oldest first.

    When it is full the oldest makes room. For any thread; only one process has the folder.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        """Take the folder over with all that waits in it.

        Raises BadRequest when another process has it, and OSError.
        """
        self._folder = folder
        self._most_bytes = most_bytes
        lock = lock_file(folder / ".lock")
        if lock is None:
            raise BadRequest(f"{folder} is used by another agent: one camera, one agent")
        self._lock: IO[bytes] = lock
        self._changed = threading.Condition()
        for half in folder.glob(f"*{_PART}"):
            half.unlink(missing_ok=True)
        files = sorted(folder.glob(f"*{ENDING}"))
        self._waiting = deque((path, path.stat().st_size) for path in files)
        self._bytes = sum(size for _, size in self._waiting)
        self._next = int(files[-1].stem) + 1 if files else 0
        self.dropped = 0
        """How many made room for newer ones, or were damaged."""

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, posting: Posting) -> None:
        """Keep a posting; it is on disk when this returns. Raises OSError: then it is not."""
        content = posting.to_bytes()
        with self._changed:
            path = self._folder / f"{self._next:016}{ENDING}"
            self._next += 1
            _write(path, content)
            self._waiting.append((path, len(content)))
            self._bytes += len(content)
            while self._bytes > self._most_bytes and len(self._waiting) > 1:
                self._drop(self._waiting[0][0])
            self._changed.notify_all()

    def first(self, seconds: float) -> SpooledPosting | None:
        """Return the oldest posting, waiting for one for so long; None when none comes."""
        with self._changed:
            while True:
                if not self._waiting and not self._changed.wait(seconds):
                    return None
                if not self._waiting:
                    return None
                path, _ = self._waiting[0]
                try:
                    return SpooledPosting(path, Posting.from_bytes(path.read_bytes()))
                except (DamagedPosting, OSError):
                    self._drop(path)

    def done(self, path: Path) -> None:
        """Forget a posting that the gateway has."""
        with self._changed:
            self._forget(path)

    def wake(self) -> None:
        """Let those who wait look up."""
        with self._changed:
            self._changed.notify_all()

    def wait_empty(self, seconds: float) -> bool:
        """Wait until nothing is left; say whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting, seconds)

    def close(self) -> None:
        """Let another process have the folder."""
        self._lock.close()

    def _drop(self, path: Path) -> None:
        self._forget(path)
        self.dropped += 1

    def _forget(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        kept = [(other, size) for other, size in self._waiting if other != path]
        self._waiting = deque(kept)
        self._bytes = sum(size for _, size in kept)
        self._changed.notify_all()


def _write(path: Path, content: bytes) -> None:
    """Write a file that is whole or not there, whatever ends the process or the machine."""
    part = path.with_suffix(_PART)
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
