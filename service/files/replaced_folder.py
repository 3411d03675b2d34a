"""A folder that is replaced as a whole while others read it: they find the old one or the new one.

    with replacing(folder) as draft:                # empty; what is in it afterwards is the new one
        (draft / "a").write_bytes(a)
    both = read_whole(folder, lambda place: ((place / "a").read_bytes(), …))

Nothing portable exchanges two folders in one step. So the old one is moved beside its place, and
the new one into it; between the two, readers find the old one where it was moved to. Whoever is
killed there leaves it there, and the next who replaces a folder beside it puts it back.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from contract.errors import ConfigurationError

_DRAFT, _ASIDE, _GONE = ".new-", ".old-", ".gone"
T = TypeVar("T")


def place_of(folder: Path) -> Path:
    """Return where a folder is: in its place, or moved aside. It may not be there at all."""
    aside = _aside(folder)
    return aside if not folder.exists() and aside.exists() else folder


def names_in(parent: Path) -> list[str]:
    """Return the names of the folders in `parent`, in their order; it need not be there."""
    if not parent.is_dir():
        return []
    names = {path.name.removeprefix(_ASIDE) for path in parent.iterdir() if path.is_dir()}
    return sorted(name for name in names if not name.startswith(_DRAFT))


def name_of(place: Path) -> str:
    """Return the name of a folder, which may have been moved aside."""
    return place.name.removeprefix(_ASIDE)


def read_whole(folder: Path, read: Callable[[Path], T]) -> T:
    """Return what `read` reads of a folder at the path it is given: all of it of one folder.

    When the folder was replaced meanwhile it is read again, while nobody replaces it. Raises what
    `read` raises.
    """
    place = place_of(folder)
    with _held(place) as before, suppress(OSError, ConfigurationError):
        found = read(place)
        if before is not None and _identity(place) == before:
            return found
    with _unreplaced(folder.parent):
        return read(place_of(folder))


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder to fill, which then takes the place of `folder`, if that is there.

    Nothing changes when the body raises. One process at a time replaces folders with the same
    parent, which is made when it is not there; others wait. Raises OSError.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _only_writer(folder.parent):
        draft = _draft(folder)
        draft.mkdir()
        try:
            yield draft
            _exchange(draft, folder)
        finally:
            _delete(draft)


def remove_folder(folder: Path) -> None:
    """Delete a folder: it is there whole, or not at all. Raises OSError."""
    with _only_writer(folder.parent):
        folder.rename(_draft(folder))
        _delete(_draft(folder))


def _exchange(draft: Path, folder: Path) -> None:
    aside = _aside(folder)
    if folder.exists():
        folder.rename(aside)
    try:
        draft.rename(folder)
    except OSError:
        if aside.exists():
            aside.rename(folder)
        raise
    _delete(aside)


@contextmanager
def _only_writer(parent: Path) -> Iterator[None]:
    """Lock a folder, and finish what others left who were killed."""
    descriptor = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for left in list(parent.iterdir()):
            if left.name.startswith(_ASIDE) and not (parent / name_of(left)).exists():
                left.rename(parent / name_of(left))
            elif left.name.startswith((_ASIDE, _DRAFT)):
                _delete(left)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _unreplaced(parent: Path) -> Iterator[None]:
    """Have nobody replace a folder of `parent` meanwhile; where that cannot be locked, hope so."""
    try:
        descriptor = os.open(parent, os.O_RDONLY)
    except OSError:  # nothing can be in it
        yield
        return
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _aside(folder: Path) -> Path:
    return folder.with_name(f"{_ASIDE}{folder.name}")


def _draft(folder: Path) -> Path:
    return folder.with_name(f"{_DRAFT}{folder.name}")


def _delete(path: Path) -> None:
    """Delete a folder, or a link to one, if it is there: first its name, then what is in it.

    Whoever reads it sees by the name that it is not to be had any more.
    """
    gone = path.with_name(f"{_DRAFT}{path.name}{_GONE}")
    with suppress(FileNotFoundError):
        _delete_contents(gone)  # of somebody who was killed
        path.rename(gone)
        _delete_contents(gone)


def _delete_contents(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    else:
        with suppress(FileNotFoundError):
            shutil.rmtree(path)


@contextmanager
def _held(place: Path) -> Iterator[tuple[int, int] | None]:
    """Give a folder's identity, which no other folder gets meanwhile; None when it is not there.

    A file system gives the number of a deleted folder to the next one, but not while it is open.
    """
    try:
        descriptor = os.open(place, os.O_RDONLY)
    except OSError:
        yield None
        return
    try:
        found = os.fstat(descriptor)
        yield found.st_dev, found.st_ino
    finally:
        os.close(descriptor)


def _identity(place: Path) -> tuple[int, int] | None:
    try:
        found = place.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
