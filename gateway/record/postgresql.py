"""The record in PostgreSQL, for several gateways."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from contract.errors import StorageFull, StorageUnavailable

_OPTIONS = "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=60s"
_DISK_FULL = "53100"
_CONFLICTS = {"40001", "40P01"}
"""Serialization failure, deadlock: the transaction is taken back and may be tried again."""
_UNAVAILABLE = ("08", "25006", "53", "55P03", "57", "58", "XX001", "XX002")
"""What the SQLSTATE of a server starts with that cannot store now: no connection, read-only, no
resources, locks held for too long, shutting down, disk errors."""
_MIGRATION_LOCK = 0x66616365  # "face"


class PostgreSQLBackend:
    """A server, by its URL."""

    writers = 8
    readers = 4

    def __init__(self, url: sa.URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")
        self.writing = sa.create_engine(
            self._url,
            pool_size=self.writers + self.readers,
            max_overflow=0,
            pool_pre_ping=True,  # a server that was restarted costs no request
            connect_args={"connect_timeout": 5, "options": _OPTIONS},
        )

        # A report of several questions sees one moment.
        self.reading: sa.Engine = self.writing.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    def __str__(self) -> str:
        return self._url.render_as_string(hide_password=True)

    def open(self) -> None:
        """Do nothing: connections are made when they are needed."""

    def opened(self) -> None:
        """Do nothing: there is no file."""

    def check(self) -> None:
        """Do nothing: each transaction shows whether the server is there."""

    def close(self) -> None:
        """Close the connections."""
        self.writing.dispose()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn the driver's errors about the server into a StorageError."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            state = _sqlstate(error)
            if state == _DISK_FULL:
                raise StorageFull("nothing was stored") from error
            lost = isinstance(error, sa.exc.OperationalError) and state is None
            if lost or self.is_conflict(error) or (state or "").startswith(_UNAVAILABLE):
                raise StorageUnavailable("the database does not answer") from error
            raise

    def is_conflict(self, error: sa.exc.DBAPIError) -> bool:
        """Say whether the transaction only got in another one's way."""
        return _sqlstate(error) in _CONFLICTS

    def scrub(self) -> bool:
        """Return True: the server frees old rows by its own vacuum."""
        return True

    def lock_migrations(self, connection: sa.Connection) -> None:
        """Let one gateway alone migrate, until the end of the transaction."""
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))


def _sqlstate(error: sa.exc.DBAPIError) -> str | None:
    state: str | None = getattr(error.orig, "sqlstate", None)
    return state
