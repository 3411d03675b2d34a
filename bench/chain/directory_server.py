"""A PostgreSQL with pgvector for the directory, set up as docs/scale.md says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from bench.fanout.cpu import cpu_seconds
from tests.postgresql import OwnServer, database, own_server

_BUFFERS = "1GB"


@dataclass(frozen=True)
class DirectoryServer:
    """A running server, and an empty database in it."""

    server: OwnServer
    url: str

    def cpu(self) -> float:
        """CPU seconds of all its processes."""
        return cpu_seconds(self.server.pid)

    def faces(self) -> int:
        """How many FaceIds the directory has taken over."""
        return self._number(b"SELECT sum(faces) FROM directory_stores")

    def listed_faces(self) -> int:
        """Of how many FaceIds the directory's lists were made; 0 before there are any."""
        return self._number(b"SELECT max(trained_by) FROM directory_models")

    def _number(self, query: bytes) -> int:
        """Return what a query gives; 0 for nothing, and before there are tables."""
        with psycopg.connect(self.url) as connection:
            try:
                row = connection.execute(query).fetchone()
            except psycopg.errors.UndefinedTable:
                return 0
        return int(row[0] or 0) if row else 0


@contextmanager
def directory_server() -> Iterator[DirectoryServer]:
    """Run one."""
    with own_server() as server:
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute(f"ALTER SYSTEM SET shared_buffers = '{_BUFFERS}'".encode())
        server.crash()  # it takes over the setting when it starts
        server.start()
        with database(server.url) as url:
            yield DirectoryServer(server, url)
