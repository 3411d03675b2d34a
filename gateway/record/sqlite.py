"""The record as a file of SQLite, for one gateway: the default.

One connection writes and checkpoints (two could corrupt a WAL before SQLite 3.51.3); the readers
open the file read-only, so a long report holds no visit up.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

import sqlalchemy as sa

from service.files.file_identity import FileIdentity
from service.files.sqlite_file import file_identity, lock_for_writing, open_file, storage_errors

_EMPTY_THE_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"


class SQLiteBackend:
    """A file, its lock, its one writing connection and its reading ones."""

    writers = 1
    readers = 2

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: IO[bytes] | None = None
        self._file_identity: FileIdentity | None = None
        self.writing = _engine(path, read_only=False, connections=self.writers)
        self.reading = _engine(path, read_only=True, connections=self.readers)

    def __str__(self) -> str:
        return str(self._path)

    def open(self) -> None:
        """Claim the file for this process. Raises ConfigurationError."""
        self._lock = lock_for_writing(
            self._path,
            "another gateway writes this record; several need PostgreSQL (FACEGATE_RECORD_URL)",
        )

    def opened(self) -> None:
        """Remember which file it is."""
        self._file_identity = file_identity(self._path)

    def close(self) -> None:
        """Close the connections, and let another process write."""
        self.reading.dispose()
        self.writing.dispose()
        if self._lock is not None:
            self._lock.close()

    def errors(self) -> AbstractContextManager[None]:
        """Turn the driver's errors about the disk and the file into a StorageError."""
        return storage_errors(self._path)

    def check(self) -> None:
        """Raise FilesGone when the file is no longer at its path."""
        if self._file_identity is not None:
            self._file_identity.check()

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
        creator=lambda: open_file(path, read_only),
        poolclass=sa.QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_reset_on_return=None,  # who takes a connection ends its transaction
    )
    # The driver's own transactions leave out reads and DDL; these take in everything.
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"
    sa.event.listen(engine, "begin", lambda connection: _run(connection, begin))
    return engine


def _run(connection: sa.Connection, statement: str) -> None:
    """Run a statement on the driver itself: every transaction begins with one."""
    connection.connection.cursor().execute(statement)
