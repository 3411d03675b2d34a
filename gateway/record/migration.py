"""The record's schema versions, applied by Alembic when a gateway starts."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from contract.errors import ConfigurationError


def migrate(connection: sa.Connection, where: str) -> None:
    """Bring the schema to this release's version. Raises ConfigurationError when it is newer."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise ConfigurationError(f"{where}: written by another release: {error}") from error
