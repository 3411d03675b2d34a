"""Which version a database's schema has, and how it comes to the one of this release, by Alembic.

The files of the migrations, in the folder `versions`, begin with their versions: 0001, 0002, … .
"""

import re
import threading
from pathlib import Path

import sqlalchemy as sa

from contract.errors import ConfigurationError

_VERSION = re.compile(r"v?(\d{4})_\w+\.py")
_UPGRADING = threading.Lock()
"""Alembic knows one connection a process at a time: its `context` is a module."""


def migrate(connection: sa.Connection, migrations: Path, where: str) -> None:
    """Bring the schema to the version of the folder `migrations`.

    Raises ConfigurationError when another release wrote what is at `where`.
    """
    if current_version(connection) != newest_version(migrations):
        _upgrade(connection, migrations, where)


def current_version(connection: sa.Connection) -> str | None:
    """Return the version of the schema; None when there is none yet."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.exec_driver_sql(
        "SELECT version_num FROM alembic_version"
    ).scalar()
    return version


def newest_version(migrations: Path) -> str:
    """Return the version that the folder's migrations lead to."""
    names = (path.name for path in (migrations / "versions").iterdir())
    return max(match[1] for match in map(_VERSION.fullmatch, names) if match)


def _upgrade(connection: sa.Connection, migrations: Path, where: str) -> None:
    # Not above: once a release, and its import would take a tenth of every start.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        with _UPGRADING:
            command.upgrade(config, "head")
    except CommandError as error:
        raise ConfigurationError(f"{where}: written by another release: {error}") from error
