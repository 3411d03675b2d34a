"""Opening a gallery's SQLite file: its pragmas, its one writer, its schema version."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from contract.errors import ConfigurationError, StorageFull, StorageUnavailable

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # NORMAL may lose acknowledged commits at power loss
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # an erased face is overwritten, not just unlinked
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


def file_of(url: str) -> Path:
    """Return the file that the SQLAlchemy URL `url` names. Raises ConfigurationError."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise ConfigurationError("FACEGATE_DATABASE_URL: not a database URL") from error
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        raise ConfigurationError(
            f"FACEGATE_DATABASE_URL={parsed.render_as_string()}: expected a file of SQLite,"
            " sqlite:///path/to/gallery.sqlite3"
        )
    return Path(str(parsed.database))


def lock_for_writing(path: Path) -> IO[bytes]:
    """Claim the gallery `path` for this process until the returned file is closed.

    Two writers would each miss what the other one stored. Raises ConfigurationError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f"{path.name}.lock").open("ab")
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or error}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise ConfigurationError(
            f"{path}: another shard writes this gallery; FACEGATE_READ_ONLY=true makes a replica"
        ) from error
    return lock


def connect(path: Path, read_only: bool) -> sa.Connection:
    """Open the file `path`, making it unless `read_only`. Raises StorageError."""
    engine = sa.create_engine(
        "sqlite://", creator=lambda: _open(path, read_only), poolclass=sa.NullPool
    )
    # The driver's own transactions leave out reads and DDL; these take in everything.
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with storage_errors():
        return engine.connect()


def scrub(connection: sa.Connection) -> None:
    """Empty the write-ahead log: pages from before an erasure may still be in it."""
    with connection.begin():
        connection.exec_driver_sql("COMMIT")  # a checkpoint wants no transaction
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
        connection.exec_driver_sql("BEGIN")


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


def migrate(connection: sa.Connection, path: Path) -> None:
    """Bring the schema to this release's version. Raises ConfigurationError when it is newer."""
    config = _alembic()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise ConfigurationError(f"{path}: written by another release: {error}") from error


def check_migrated(connection: sa.Connection, path: Path) -> None:
    """Raise StorageUnavailable when the schema is not (yet) this release's."""
    current = MigrationContext.configure(connection).get_current_revision()
    expected = ScriptDirectory.from_config(_alembic()).get_current_head()
    if current != expected:
        raise StorageUnavailable(f"{path}: schema {current}, expected {expected}")


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
