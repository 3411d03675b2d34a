"""A file of SQLite, as gateway and shard keep what they must not lose: opening, lock, errors."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

import sqlalchemy as sa

from contract.errors import ConfigurationError, StorageFull, StorageUnavailable
from contract.file_lock import lock_file

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # NORMAL may lose acknowledged commits at power loss
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is erased is overwritten, not just unlinked
)
_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}


def open_file(path: Path, read_only: bool) -> sqlite3.Connection:
    """Open a file, made unless `read_only`. Raises sqlite3.Error.

    Transactions are begun and ended by statements alone: the driver's own leave out reads and DDL.
    """
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


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn the driver's errors about the disk and the file into a StorageError."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # the rest tells variants apart
        if code == sqlite3.SQLITE_FULL:
            raise StorageFull("nothing was stored") from error
        if code in _UNAVAILABLE:
            raise StorageUnavailable(str(error.orig)) from error
        raise
