"""The database of the directory."""

import sqlalchemy as sa

from contract.errors import ConfigurationError
from gateway.directory.tables.schema import prepare
from gateway.record.database import Database
from gateway.record.postgresql import PostgreSQLBackend


def parsed(url: str) -> sa.URL:
    """Return what a URL of PostgreSQL says. Raises ConfigurationError for others."""
    try:
        found = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise ConfigurationError("FACEGATE_DIRECTORY_URL: not a database URL") from error
    if found.get_backend_name() != "postgresql":
        raise ConfigurationError("FACEGATE_DIRECTORY_URL: expected postgresql://…")
    return found


def database_at(url: str) -> Database:
    """Return the database at a URL; to enter it makes the tables that it has not.

    Raises ConfigurationError.
    """
    return Database(PostgreSQLBackend(parsed(url)), prepare)
