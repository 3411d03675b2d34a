"""Databases for every test that wants one, and the mark of tests that start processes."""

import contextlib
from collections.abc import AsyncIterator, Generator, Iterator
from functools import partial
from pathlib import Path

import fastapi.dependencies.models
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from service.files.schema_version import migrate
from service.garbage_collection import freeze_loaded_objects
from service.seal import own_seal
from tests import postgresql
from tests.encryption import Keys, use_keys
from tests.mosquitto import Mosquitto
from tests.new_database import RECORD, put_record
from tests.started_processes import forbidden

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session")
def processes() -> None:
    """For fixtures that start processes: whoever uses them is marked `processes`."""


@pytest.fixture(scope="session")
def slow() -> None:
    """For fixtures that take long: whoever uses them is marked `slow`."""


_LONG = {"processes", "slow"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the fixtures that they use, and run what takes long first."""
    long_files = set()
    for item in items:
        for mark in _LONG & set(getattr(item, "fixturenames", ())):
            item.add_marker(mark)
        if any(map(item.get_closest_marker, _LONG)):
            long_files.add(item.path)
    items.sort(key=lambda item: item.path not in long_files)


def pytest_collection_finish() -> None:
    """Spare garbage collections what all tests are made from: each took a second and more."""
    freeze_loaded_objects()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Have FastAPI forget the routes of services that are gone: it keeps 4,096, and all theirs."""
    for function in vars(fastapi.dependencies.models).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Return how tests are shared out, whatever `--dist` says."""
    from tests.side_by_side import FilesTogether  # needs pytest-xdist

    return FilesTogether(config, log)


def start_of_processes(item: pytest.Item) -> contextlib.AbstractContextManager[None]:
    return contextlib.nullcontext() if item.get_closest_marker("processes") else forbidden()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test whose fixtures start a process and that is not marked `processes`."""
    with start_of_processes(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that starts a process and is not marked `processes`.

    At its end it may: then, what was there for former tests is ended, too.
    """
    with start_of_processes(item):
        return (yield)


@pytest.fixture(scope="session")
def postgresql_server(processes: None) -> Iterator[str]:
    """Return the URL of a PostgreSQL, started for all tests together."""
    with postgresql.server() as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Return the URL of an empty database of PostgreSQL."""
    with postgresql.database(postgresql_server) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_record(postgresql_server: str) -> Iterator[str]:
    """Return the name of a database with the record's tables, for copies."""
    with postgresql.database(postgresql_server) as url:
        parsed = sa.make_url(url)
        engine = sa.create_engine(parsed.set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            migrate(connection, RECORD, url)
        engine.dispose()
        yield str(parsed.database)


@pytest.fixture
def postgresql_record_url(postgresql_server: str, postgresql_record: str) -> Iterator[str]:
    """Return the URL of a new record in PostgreSQL."""
    with postgresql.database(postgresql_server, postgresql_record) as url:
        yield url


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keys]:
    """Give this process keys to encrypt with, as often as it is called."""
    yield partial(use_keys, monkeypatch)
    monkeypatch.undo()
    own_seal.cache_clear()


@pytest.fixture
async def broker(tmp_path: Path, processes: None) -> AsyncIterator[Mosquitto]:
    """Return an MQTT broker that runs."""
    broker = Mosquitto(tmp_path)
    await broker.start()
    yield broker
    broker.kill()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.processes)])
def record_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a new record; a test that asks for it runs on both databases."""
    if request.param == "sqlite":
        put_record(tmp_path)
        return f"sqlite:///{tmp_path / 'gateway.sqlite'}"
    url: str = request.getfixturevalue("postgresql_record_url")
    return url
