"""What can still be read of a damaged gallery, into a new one; the damaged file is kept aside."""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from contract.errors import StorageError, StorageUnavailable
from service.files.sqlite_file import BESIDE, lock_for_writing, open_file
from shard.gallery.gallery import Gallery
from shard.gallery.repair.consistency import make_consistent
from shard.gallery.repair.copying import copy_pages, copy_tables

_HEADER = 100
"""Bytes of a SQLite file before its first page's content."""


@dataclass(frozen=True)
class Repair:
    """What a repair kept, and what it could not read.

    `incomplete` are the tables of which parts were unreadable; `lost` are the FaceIds of which no
    vector was left; `damaged` is the damaged file, under its new name.
    """

    faces: int
    templates: int
    incomplete: list[str]
    lost: list[str]
    damaged: Path


def repair(path: Path, store: str) -> Repair | None:
    """Make the gallery in the file `path` one that can be used; None when it can be already.

    Raises ConfigurationError when a shard writes it or another release made it, StorageError when a
    new file cannot be written. Until the last step nothing has changed.
    """
    with lock_for_writing(path, "stop the shard that writes this gallery first"):
        if _is_sound(path, store):
            return None
        draft = path.with_name(f"{path.name}.repaired")
        _remove(draft)
        try:
            return _repaired(path, store, draft)
        finally:
            _remove(draft)


def _repaired(path: Path, store: str, draft: Path) -> Repair:
    """Make the file `draft` of what can be read, and put it in the place of `path`."""
    Gallery.open(draft, store).close()
    new = open_file(draft, read_only=False)
    try:
        incomplete = copy_tables(_readable(path, draft), new)
        if incomplete:
            copy_pages(_readable(path, draft), new, incomplete)
        lost = make_consistent(new)
        [faces] = new.execute("SELECT count(*) FROM faces").fetchone()
        [templates] = new.execute("SELECT count(*) FROM templates").fetchone()
    finally:
        new.close()
    return Repair(faces, templates, incomplete, lost, _swap(path, draft))


def _remove(draft: Path) -> None:
    """Remove a draft, of an earlier run too, and what SQLite and locks have put beside it."""
    for left in draft.parent.glob(f"{draft.name}*"):
        left.unlink()


def _is_sound(path: Path, store: str) -> bool:
    """Say whether a shard could use the file. It is tried with a copy: who opens it writes it."""
    if not path.exists():
        return False
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            copy = _copied(path, Path(folder) / path.name)
            with contextlib.closing(open_file(copy, read_only=True)) as connection:
                [found] = connection.execute("PRAGMA integrity_check(1)").fetchone()
                [owner] = connection.execute("SELECT store FROM meta").fetchone() or [store]
            Gallery.open(copy, owner).close()
            return bool(found == "ok")
    except (StorageError, sqlite3.Error, sa.exc.DatabaseError, UnicodeDecodeError):
        return False
    except OSError as error:
        raise StorageUnavailable(f"{path} cannot be copied: {error}") from error


def _copied(path: Path, copy: Path) -> Path:
    """Copy the file `path` and its log."""
    for ending in ("", *BESIDE[:1]):
        if path.with_name(path.name + ending).exists():
            shutil.copy(path.with_name(path.name + ending), copy.with_name(copy.name + ending))
    return copy


def _readable(path: Path, draft: Path) -> Path:
    """Return the damaged file, or a copy of it with the header of `draft` where its own is gone.

    The header's 100 bytes are the same in all galleries, but for a few counts.
    """
    with draft.open("rb") as file:
        header = bytearray(file.read(_HEADER))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        try:
            connection.execute("PRAGMA schema_version")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
                return path
        else:
            return path
    copy = _copied(path, draft.with_name(f"{draft.name}.copy"))
    page = int.from_bytes(header[16:18])
    header[28:32] = (path.stat().st_size // page).to_bytes(4)
    header[32:40] = bytes(8)  # no list of free pages
    with copy.open("r+b") as file:
        file.write(header)
    return copy


def _swap(path: Path, draft: Path) -> Path:
    """Put `draft` in the place of `path`, whose files get another name, which is returned."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    aside = path.with_name(f"{path.name}.damaged-{moment}")
    if path.exists():
        os.link(path, aside)  # so that there is a gallery at every moment
    for ending in BESIDE:
        beside = path.with_name(path.name + ending)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + ending))
    draft.replace(path)
    return aside
