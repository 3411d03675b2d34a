"""A file of SQLite, as gateway and shard keep what they must not lose: opening, lock, errors."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

import sqlalchemy as sa

from contract.errors import (
    ConfigurationError,
    StorageDamaged,
    StorageFull,
    StorageUnavailable,
)
from service.files.file_identity import FileIdentity
from service.files.file_lock import lock_file

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # NORMAL may lose acknowledged commits at power loss
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is erased is overwritten, not just unlinked
)
_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_SPOILT = ("no such table", "Could not decode to UTF-8")
"""What errors say that have no such code."""
BESIDE = ("-wal", "-shm")
"""What the names of the files end with that SQLite keeps beside its own."""


def open_file(path: Path, read_only: bool) -> sqlite3.Connection:
    """Open a file, made unless `read_only`. Raises sqlite3.Error, and StorageUnavailable.

    Transactions are begun and ended by statements alone: the driver's own leave out reads and DDL.
    """
    try:
        if not path.exists() and not read_only:
            _make(path)
        elif path.is_file() and path.stat().st_size == 0:
            # SQLite would take it for a new one, and what it had held would be missing in silence.
            raise StorageDamaged(f"{path} is empty, which a file of SQLite never is")
    except OSError as error:
        raise StorageUnavailable(f"{path}: {error.strerror or error}") from error
    return _open(path, read_only)


def _make(path: Path) -> None:
    """Make an empty file of SQLite in one step, so that one of no bytes is never a new one."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    _open(draft, read_only=False).close()
    draft.replace(path)


def _open(path: Path, read_only: bool) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode={'ro' if read_only else 'rwc'}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    try:
        for pragma in () if read_only else _PRAGMAS:
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def lock_for_writing(path: Path, taken: str) -> IO[bytes]:
    """Claim a file for this process until the lock that is returned is closed.

    Raises ConfigurationError, saying `taken` when another process has claimed it.
    """
    try:
        lock = lock_file(path.with_name(f"{path.name}.lock"))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or error}") from error
    if lock is None:
        raise ConfigurationError(f"{path}: {taken}")
    return lock


def file_identity(path: Path) -> FileIdentity:
    """Return the identity of the file `path` and of its write-ahead log."""
    return FileIdentity([path, path.with_name(f"{path.name}-wal")])


def check_pages(connection: sqlite3.Connection, path: Path) -> None:
    """Raise StorageDamaged unless every page of the file is sound; reads the whole file once."""
    try:
        [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            raise
        found = str(error)
    except UnicodeDecodeError:  # SQLite quotes what it has found in the file
        found = "what it says of itself is no text"
    if found != "ok":
        raise StorageDamaged(f"{path} is damaged: {' '.join(found.split())}")


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn the driver's errors about the disk and the file `path` into a StorageError."""
    try:
        yield
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        driver = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        code = _code(driver)
        if code == sqlite3.SQLITE_FULL:
            raise StorageFull("nothing was stored") from error
        if _is_damage(driver):
            raise StorageDamaged(f"{path} is damaged: {driver}") from error
        if code in _UNAVAILABLE:
            raise StorageUnavailable(f"{path}: {driver}") from error
        raise
    except UnicodeDecodeError as error:  # SQLite's own message, which quotes the file
        raise StorageDamaged(f"{path} is damaged: {error}") from error


def _is_damage(error: BaseException | None) -> bool:
    """Say whether an error of the driver is one about a damaged file.

    Every file has its tables from the first moment: one without was emptied while it was open.
    """
    return _code(error) in _DAMAGED or str(error).startswith(_SPOILT)


def _code(error: BaseException | None) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest tells variants apart
