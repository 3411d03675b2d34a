"""What takes long to make and is the same at every start, kept on disk.

A file's name ends with the checksum of what is in it, so that a damaged one is known, does not
count, and is made again. One process makes a file at a time; the others wait for it.
"""

import fcntl
import hashlib
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

_DIGITS = 16
_CHECKSUM = re.compile(rf"-([0-9a-f]{{{_DIGITS}}})$")


def usual_folders() -> tuple[Path, ...]:
    """Return where files are kept: in the virtual environment, else in the user's cache.

    The first is what an installation prepares, and what an image has whose root is read-only.
    """
    home = Path.home() / ".cache" / "facegate"
    if sys.prefix == sys.base_prefix:
        return (home,)
    return (Path(sys.prefix) / "var" / "facegate", home)


class KeptFiles:
    """Finds a file in whichever folder has it, and keeps a new one in the first that it can write.

    Where it can write none, every process makes its own.
    """

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        """Use these folders, or the usual ones."""
        self.folders = folders or usual_folders()

    def get(self, name: str, make: Callable[[], bytes]) -> Path | bytes:
        """Return the file `name`, made when there is none; its bytes where it cannot be kept.

        The name says all that the contents depend on, and its suffix comes last in the file's name.
        """
        if (path := self._kept(name)) is not None:
            return path
        with self._only_maker() as folder:
            if (path := self._kept(name)) is not None:
                return path  # another process was first
            contents = make()
            with suppress(OSError):  # a full disk: the next start tries again
                if folder is not None:
                    return _keep(folder, name, contents)
            return contents

    def _kept(self, name: str) -> Path | None:
        for folder in self.folders:
            for path in _candidates(folder, name):
                with suppress(OSError):
                    if _checksum(path.read_bytes()) == _checksum_in(path):
                        return path
        return None

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


def _candidates(folder: Path, name: str) -> Iterator[Path]:
    wanted = Path(name)
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            place = _CHECKSUM.search(path.stem)
            if place and path.suffix == wanted.suffix and path.stem[: place.start()] == wanted.stem:
                yield path


def _checksum(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()[:_DIGITS]


def _checksum_in(path: Path) -> str:
    return path.stem[-_DIGITS:]


def _keep(folder: Path, name: str, contents: bytes) -> Path:
    for damaged in _candidates(folder, name):
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
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
