"""Databases for every test that wants one, and the mark of tests that start processes."""

import contextlib
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import postgresql
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
_TOGETHER = Path(__file__).with_name("pages")
"""Tests of this folder share a browser and a cluster."""


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the fixtures that they use, and run what takes long first.

    Where tests run side by side, those of a file stay together: what they share is made once.
    """
    long_files = set()
    for item in items:
        for mark in _LONG & set(getattr(item, "fixturenames", ())):
            item.add_marker(mark)
        if any(map(item.get_closest_marker, _LONG)):
            long_files.add(item.path)
        group = item.path.parent if item.path.is_relative_to(_TOGETHER) else item.path
        item.add_marker(pytest.mark.xdist_group(str(group.relative_to(Path(__file__).parent))))
    items.sort(key=lambda item: item.path not in long_files)


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


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.processes)])
def record_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty record; a test that asks for it runs on both databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gateway.sqlite'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url
