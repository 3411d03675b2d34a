"""The file of the store map, read so that nothing that stands in its place holds its reader up.

A FIFO has no end, a device may do anything, a mount whose server is gone answers nobody: regular
files alone are opened, so many bytes are read and no more, and a thread of its own waits for it.
"""

import os
import stat
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from contract.errors import StoreMapError
from contract.text.strict_yaml import MAX_BYTES

READ_SECONDS = 2.0
"""The longest wait for the file; a local one is read in less than a millisecond."""
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def read_regular(path: Path) -> bytes:
    """Return the content of the file `path`: one byte more than a map may have, at most.

    Raises OSError, also for what is no regular file; that is not opened.
    """
    _expect_regular(path.stat())  # opening alone does things to some devices
    opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        _expect_regular(os.fstat(opened))
        return content_of(opened)
    finally:
        os.close(opened)


def content_of(opened: int) -> bytes:
    """Return what is in a file that was opened without blocking; no more than shows it too long.

    Raises OSError, also for one that has nothing to read yet: some files of the kernel are so.
    """
    with os.fdopen(opened, "rb", closefd=False) as file:
        content: bytes | None = file.read(MAX_BYTES + 1)
    if content is None:
        raise OSError("cannot be read now: it would have to be waited for")
    return content


class MapFile:
    """The file `path` that should hold a store map; use it from one thread at a time."""

    def __init__(
        self,
        path: Path,
        seconds: float = READ_SECONDS,
        read: Callable[[Path], bytes] = read_regular,
    ) -> None:
        """Wait at most `seconds` for `read`, which may raise OSError."""
        self.path = path
        self._seconds = seconds
        self._read = read
        self._under_way: Future[bytes] | None = None

    def read(self) -> bytes:
        """Return what is in the file. Raises StoreMapError, which names the file."""
        # One that hangs goes on: a thread for each try would pile up.
        self._under_way = reading = self._under_way or self._begin()
        try:
            return reading.result(self._seconds)
        except Exception as error:  # of whatever kind: it is the file that cannot be read
            hangs = f"cannot be read within {self._seconds:g} s"
            problem = _reason(error) if reading.done() else hangs
            raise StoreMapError(f"{self.path}: {problem}") from error
        finally:
            if reading.done():
                self._under_way = None

    def _begin(self) -> Future[bytes]:
        future: Future[bytes] = Future()
        # A daemon: the process can end while its read hangs.
        threading.Thread(target=self._fulfil, args=(future,), name="store-map", daemon=True).start()
        return future

    def _fulfil(self, future: Future[bytes]) -> None:
        try:
            future.set_result(self._read(self.path))
        except Exception as error:  # noqa: BLE001 - raised anew where it is waited for
            future.set_exception(error)


def _expect_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        raise OSError(f"is {kind}, not a file")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
