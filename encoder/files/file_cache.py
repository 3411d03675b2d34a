"""What takes long to make and is the same at every start, kept on disk.

A file's name ends with the checksum of what is in it, so that a damaged one is known, does not
count, and is made again. One process makes a file at a time; the others wait for it.
"""

import fcntl
import glob
import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Self

_DIGITS = 16
_CHECKSUM = re.compile(rf"-([0-9a-f]{{{_DIGITS}}})$")


def default_folders() -> tuple[Path, ...]:
    """Return where files are kept: in the virtual environment, else in the user's cache.

    The first is what an installation prepares, and what an image has whose root is read-only.
    """
    home = Path.home() / ".cache" / "facegate"
    if sys.prefix == sys.base_prefix:
        return (home,)
    return (Path(sys.prefix) / "var" / "facegate", home)


class FileCache:
    """Finds a file in whichever folder has it, and keeps a new one in the first that it can write.

    Where it can write none, every process makes its own.
    """

    def __init__(self, folders: Sequence[Path] = (), taken_from: Sequence[Path] = ()) -> None:
        """Use these folders, or the usual ones.

        What others have is taken from there instead of being made.
        """
        self.folders = folders or default_folders()
        self._taken_from = taken_from

    @classmethod
    def of_installation(cls) -> Self:
        """Return what set-up fills: all is in the installation's own folder, if it can be written.

        The user's cache may have it from an earlier set-up.
        """
        own, *others = default_folders()
        with suppress(OSError):
            own.mkdir(parents=True, exist_ok=True)
        return cls([own], others) if os.access(own, os.W_OK) else cls()

    def get(self, name: str, make: Callable[[], bytes]) -> Path | bytes:
        """Return the file `name`, made when there is none; its bytes where it cannot be kept.

        The name says all that the contents depend on, and its suffix comes last in the file's name.
        """
        pattern = glob.escape(name)
        if (path := self.find(pattern)) is not None:
            return path
        with self._only_maker() as folder:
            if (path := self.find(pattern)) is not None:
                return path  # another process was first
            taken = _found(self._taken_from, pattern)
            contents = taken.read_bytes() if taken else make()
            with suppress(OSError):  # a full disk: the next start tries again
                if folder is not None:
                    return _keep(folder, name, contents)
            return contents

    def find(self, pattern: str) -> Path | None:
        """Return a file whose name, without its checksum, matches; None when there is none."""
        return _found(self.folders, pattern)

    @contextmanager
    def _only_maker(self) -> Iterator[Path | None]:
        """Let one process in at a time; gives the folder to write to, if there is one."""
        with ExitStack() as stack:
            for folder in self.folders:
                with suppress(OSError):
                    folder.mkdir(parents=True, exist_ok=True)
                    lock = stack.enter_context((folder / ".lock").open("w"))
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    break
            else:
                folder = None
            yield folder


def _found(folders: Sequence[Path], pattern: str) -> Path | None:
    for folder in folders:
        for path in _candidates(folder, pattern):
            with suppress(OSError):
                if _checksum(path.read_bytes()) == _checksum_in(path):
                    return path
    return None


def _candidates(folder: Path, pattern: str) -> Iterator[Path]:
    wanted = Path(pattern)
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            place = _CHECKSUM.search(path.stem)
            name = path.stem[: place.start()] if place else ""
            if place and path.suffix == wanted.suffix and fnmatchcase(name, wanted.stem):
                yield path


def _checksum(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()[:_DIGITS]


def _checksum_in(path: Path) -> str:
    return path.stem[-_DIGITS:]


def _keep(folder: Path, name: str, contents: bytes) -> Path:
    for damaged in _candidates(folder, glob.escape(name)):
        damaged.unlink(missing_ok=True)
    wanted = Path(name)
    path = folder / f"{wanted.stem}-{_checksum(contents)}{wanted.suffix}"
    write_whole(path, contents)
    return path


def write_whole(path: Path, contents: bytes) -> None:
    """Write a file that is there whole or not at all. Raises OSError."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(contents)
            file.flush()
            Path(file.name).chmod(0o644)  # an image is made by root and runs as somebody else
            Path(file.name).replace(path)
        except BaseException:  # whatever ends it, no draft is left behind
            Path(file.name).unlink(missing_ok=True)
            raise
