"""Databases for every test that wants one, and the mark of tests that start processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgresql
from tests.started_processes import forbidden


@pytest.fixture(scope="session")
def processes() -> None:
    """For fixtures that start processes: whoever uses them is marked `processes`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests whose fixtures start processes."""
    for item in items:
        if "processes" in getattr(item, "fixturenames", ()):
            item.add_marker("processes")


@pytest.fixture(autouse=True)
def no_processes(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that starts a process and is not marked `processes`."""
    if request.node.get_closest_marker("processes"):
        yield
        return
    with forbidden():
        yield


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
