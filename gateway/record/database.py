"""The record's database, used on threads of its own: the event loop never waits for SQL."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, Self, TypeVar

import sqlalchemy as sa

from contract.deadline import Deadline
from contract.errors import ConfigurationError, StorageDamaged
from gateway.record.group_commit import GroupCommit
from gateway.record.postgresql import PostgreSQLBackend
from gateway.record.sqlite import SQLiteBackend
from service.bounded_threads import BoundedThreads
from service.files.schema_version import migrate

P = ParamSpec("P")
T = TypeVar("T")

_MIGRATIONS = Path(__file__).with_name("migrations")
_TRIES = 5
"""How often a transaction that got in another one's way is tried."""


class Backend(Protocol):
    """One kind of database. `writing` and `reading` may be the same engine."""

    writers: int
    readers: int
    writing: sa.Engine
    reading: sa.Engine

    def open(self) -> None: ...

    def opened(self) -> None: ...

    def check(self) -> None: ...

    def close(self) -> None: ...

    def errors(self) -> AbstractContextManager[None]: ...

    def is_conflict(self, error: sa.exc.DBAPIError) -> bool: ...

    def lock_migrations(self, connection: sa.Connection) -> None: ...

    def scrub(self) -> bool: ...


class Database:
    """Runs functions of a connection in transactions, on threads of its own.

    They raise StorageFull or StorageUnavailable when the database does not let them; then nothing
    was stored. Enter it before use: that brings the schema to this release's version.
    """

    def __init__(
        self, backend: Backend, prepare: Callable[[sa.Connection], None] | None = None
    ) -> None:
        """Take a database that `prepare` brings to this release's schema; default: the record's."""
        self._backend = backend
        self._prepare = prepare or self._migrate
        self._erased = False
        self._damage: StorageDamaged | None = None
        self._writers = BoundedThreads(backend.writers, "record-write")
        self._readers = BoundedThreads(backend.readers, "record-read")
        self._group: GroupCommit | None = None
        if self.writes_in_turns:
            self._group = GroupCommit(
                self._writers, lambda work: self._transact(backend.writing, work)
            )

    @property
    def writes_in_turns(self) -> bool:
        """Whether a transaction that writes has all others wait for it."""
        return self._backend.writers == 1

    @classmethod
    def at(cls, url: str | None, data: Path) -> Self:
        """Return the database that `url` names, by default a file in the folder `data`.

        Raises ConfigurationError.
        """
        return cls(_backend(url or f"sqlite:///{data / 'gateway.sqlite'}"))

    async def __aenter__(self) -> Self:
        """Open and migrate. Raises ConfigurationError and StorageError."""
        try:
            await self._writers.run(None, self._open)
        except BaseException:  # cancelled, too: what is open is closed
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what is under way, and close."""
        await asyncio.to_thread(self._close)

    async def write(
        self,
        deadline: Deadline | None,
        work: Callable[Concatenate[sa.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run `work` in a transaction that is on disk when this returns.

        It may run several times, and only the last counts. Raises Busy, and DeadlineExceeded: then
        what was under way may still have stored.
        """
        return await self._writers.run(
            deadline, lambda: self._transact(self._backend.writing, work, *args, **kwargs)
        )

    async def write_grouped(
        self,
        deadline: Deadline | None,
        work: Callable[Concatenate[sa.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Do as `write`; where one thread writes, waiting small writes share a transaction."""
        if self._group is None:
            return await self.write(deadline, work, *args, **kwargs)
        return await self._group.run(deadline, lambda c: work(c, *args, **kwargs))

    async def read(
        self,
        deadline: Deadline | None,
        work: Callable[Concatenate[sa.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run `work`, which only reads, in a transaction. Raises Busy and DeadlineExceeded."""
        return await self._readers.run(
            deadline, lambda: self._transact(self._backend.reading, work, *args, **kwargs)
        )

    async def scrub(self) -> None:
        """Remove erased data from the write-ahead log, when there is any (see `Backend.scrub`)."""
        if self._erased and await self._writers.run(None, self._backend.scrub):
            self._erased = False

    def mark_erased(self) -> None:
        """Note that data was erased, for the next `scrub`."""
        self._erased = True

    def check(self) -> None:
        """Raise StorageUnavailable when the record can no longer be trusted to keep anything.

        Its file is gone from its path, or was found damaged. Costs a few microseconds.
        """
        if self._damage is not None:
            raise self._damage
        self._backend.check()

    def _transact(
        self,
        engine: sa.Engine,
        work: Callable[Concatenate[sa.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        self._backend.check()
        try:
            with self._backend.errors():
                result = self._try(engine, work, *args, **kwargs)
        except StorageDamaged as error:
            self._damage = error
            raise
        self._backend.check()
        return result

    def _try(
        self,
        engine: sa.Engine,
        work: Callable[Concatenate[sa.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        for _ in range(_TRIES - 1):
            try:
                with engine.begin() as connection:
                    return work(connection, *args, **kwargs)
            except sa.exc.DBAPIError as error:
                if not self._backend.is_conflict(error):
                    raise
        with engine.begin() as connection:
            return work(connection, *args, **kwargs)

    def _open(self) -> None:
        self._backend.open()
        with self._backend.errors(), self._backend.writing.begin() as connection:
            self._backend.lock_migrations(connection)
            self._prepare(connection)
        self._backend.opened()

    def _migrate(self, connection: sa.Connection) -> None:
        migrate(connection, _MIGRATIONS, str(self._backend))

    def _close(self) -> None:
        self._readers.close()
        self._writers.close()
        self._backend.close()


def _backend(url: str) -> Backend:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise ConfigurationError("FACEGATE_RECORD_URL: not a database URL") from error
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        return PostgreSQLBackend(parsed)
    if kind == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return SQLiteBackend(Path(str(parsed.database)))
    raise ConfigurationError(
        f"FACEGATE_RECORD_URL={parsed.render_as_string()}: expected postgresql://… or a file of"
        " SQLite, sqlite:///path/to/gateway.sqlite"
    )
