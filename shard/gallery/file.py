"""Opening a gallery's SQLite file: where it is, its connections, its schema version."""

from pathlib import Path

import sqlalchemy as sa

from contract.errors import ConfigurationError, StorageUnavailable
from service.files import schema_version
from service.files.sqlite_file import open_file, storage_errors

_MIGRATIONS = Path(__file__).with_name("migrations")


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


def connect(path: Path, read_only: bool) -> sa.Connection:
    """Open the file `path`, making it unless `read_only`. Raises StorageError."""
    engine = sa.create_engine(
        "sqlite://", creator=lambda: open_file(path, read_only), poolclass=sa.NullPool
    )
    # The driver's own transactions leave out reads and DDL; these take in everything.
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with storage_errors(path):
        return engine.connect()


def scrub(connection: sa.Connection) -> None:
    """Empty the write-ahead log: pages from before an erasure may still be in it."""
    with connection.begin():
        connection.exec_driver_sql("COMMIT")  # a checkpoint wants no transaction
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
        connection.exec_driver_sql("BEGIN")


def migrate(connection: sa.Connection, path: Path) -> None:
    """Bring the schema to this release's version. Raises ConfigurationError when it is newer."""
    schema_version.migrate(connection, _MIGRATIONS, str(path))


def is_migrated(connection: sa.Connection) -> bool:
    """Say whether the schema is this release's."""
    return schema_version.current_version(connection) == schema_version.newest_version(_MIGRATIONS)


def check_migrated(connection: sa.Connection, path: Path) -> None:
    """Raise StorageUnavailable when the schema is not (yet) this release's."""
    if not is_migrated(connection):
        current = schema_version.current_version(connection)
        expected = schema_version.newest_version(_MIGRATIONS)
        raise StorageUnavailable(f"{path}: schema {current}, expected {expected}")
