"""A schema is brought to this release's version once, and later starts only look at it."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from contract.errors import ConfigurationError
from service.files.schema_version import current_version, migrate, newest_version
from tests.project import ROOT

MIGRATIONS = [ROOT / "gateway/record/migrations", ROOT / "shard/gallery/migrations"]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'some.sqlite'}")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize("migrations", MIGRATIONS, ids=lambda path: path.parts[-3])
def test_the_newest_version_is_alembics(migrations: Path, connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")

    assert current_version(connection) is None
    migrate(connection, migrations, "here")

    head = ScriptDirectory.from_config(config).get_current_head()
    assert newest_version(migrations) == current_version(connection) == head


@pytest.mark.parametrize("migrations", MIGRATIONS, ids=lambda path: path.parts[-3])
def test_what_is_up_to_date_is_left_to_itself(
    migrations: Path, connection: sa.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "alembic"):
        migrate(connection, migrations, "here")
        assert caplog.messages
        caplog.clear()

        migrate(connection, migrations, "here")

    assert caplog.messages == []


def test_what_another_release_wrote_is_refused(connection: sa.Connection) -> None:
    migrate(connection, MIGRATIONS[0], "here")
    connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(ConfigurationError, match=r"^here: written by another release: "):
        migrate(connection, MIGRATIONS[0], "here")
