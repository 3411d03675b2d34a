"""The record as a file of SQLite, for one gateway: the default.

One connection writes and checkpoints (two could corrupt a WAL before SQLite 3.51.3); the readers
open the file read-only, so a long report holds no visit up.
"""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

import sqlalchemy as sa

from contract.errors import ConfigurationError, StorageFull, StorageUnavailable

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # NORMAL may lose acknowledged commits at power loss
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # an erased identity is overwritten, not just unlinked
)
_EMPTY_THE_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
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


class SQLiteBackend:
    """A file, its lock, its one writing connection and its reading ones."""

    writers = 1
    readers = 2

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: IO[bytes] | None = None
        self.writing = _engine(path, read_only=False, connections=self.writers)
        self.reading = _engine(path, read_only=True, connections=self.readers)

    def __str__(self) -> str:
        return str(self._path)

    def open(self) -> None:
        """Claim the file for this process. Raises ConfigurationError."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = self._path.with_name(f"{self._path.name}.lock").open("ab")
        except OSError as error:
            raise ConfigurationError(f"{self._path}: {error.strerror or error}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise ConfigurationError(
                f"{self._path}: another gateway writes this record;"
                " several need PostgreSQL (FACEGATE_RECORD_URL)"
            ) from error
        self._lock = lock

    def close(self) -> None:
        """Close the connections, and let another process write."""
        self.reading.dispose()
        self.writing.dispose()
        if self._lock is not None:
            self._lock.close()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn the driver's errors about the disk and the file into a StorageError."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # the rest tells variants
            if code == sqlite3.SQLITE_FULL:
                raise StorageFull("nothing was stored") from error
            if code in _UNAVAILABLE:
                raise StorageUnavailable(str(error.orig)) from error
            raise

    def is_conflict(self, error: sa.exc.DBAPIError) -> bool:
        """Return False: the one writer conflicts with nobody."""
        return False

    def scrub(self) -> bool:
        """Empty the write-ahead log, which may hold pages from before an erasure.

        Return False when a reader was in the way.
        """
        with self.errors():
            connection = self.writing.raw_connection()
            try:
                connection.cursor().execute("PRAGMA busy_timeout = 200")
                [busy, *_] = connection.cursor().execute(_EMPTY_THE_LOG).fetchone()
                connection.cursor().execute("PRAGMA busy_timeout = 5000")
            finally:
                connection.close()
        return not busy

    def lock_migrations(self, connection: sa.Connection) -> None:
        """Do nothing: the file is locked."""


def _engine(path: Path, *, read_only: bool, connections: int) -> sa.Engine:
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: _open(path, read_only),
        poolclass=sa.QueuePool,
        pool_size=connections,
        max_overflow=0,
    )
    # The driver's own transactions leave out reads and DDL; these take in everything.
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


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
