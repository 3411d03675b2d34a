"""An open gallery file: its connection, its transactions, and what tells that it is damaged."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Self

import sqlalchemy as sa

from contract.errors import StorageDamaged
from service.files.page_check import PageCheck
from service.files.sqlite_file import file_identity, lock_for_writing, storage_errors
from shard.gallery.file import check_migrated, connect, is_migrated, migrate, scrub
from shard.gallery.indexing.snapshot_files import SnapshotFiles
from shard.gallery.meta_rows import check_owner, has_owner, set_owner

_TAKEN = "another shard writes this gallery; FACEGATE_READ_ONLY=true makes a replica"
"""Two writers would each miss what the other one stored."""


class GalleryFile:
    """A gallery's SQLite file on one connection, for one thread at a time.

    While its pages are still looked through, it may be read, but nothing of it counts, nor may it
    be written, before `wait_checked`.
    """

    def __init__(self, path: Path, *, read_only: bool, lock: IO[bytes] | None = None) -> None:
        """Open the file. Raises StorageError."""
        self.path = path
        self.damage: StorageDamaged | None = None
        """What was found when something could not be read: no answer can be trusted since."""
        self.snapshots = SnapshotFiles(path)
        """The files beside it in which indexes are kept."""
        self._lock = lock
        self._connection = connect(path, read_only)
        self._check = PageCheck(path)
        self._file_identity = file_identity(path)

    @classmethod
    def open(cls, path: Path, store: str) -> Self:
        """Open the file for the only writer; make or migrate it as needed.

        Its pages may still be looked through. Raises ConfigurationError when another process
        writes it, StorageUnavailable when it is damaged, another store's, or cannot be used.
        """
        with ExitStack() as on_failure:
            lock = on_failure.enter_context(lock_for_writing(path, _TAKEN))
            file = cls(path, read_only=False, lock=lock)
            on_failure.callback(file.close)

            def prepare(connection: sa.Connection) -> None:
                if not (is_migrated(connection) and has_owner(connection)):
                    file.wait_checked()
                migrate(connection, path)
                set_owner(connection, store, path)

            file._begin(prepare)
            file.snapshots.delete_drafts()
            on_failure.pop_all()
        return file

    @classmethod
    def follow(cls, path: Path, store: str) -> Self:
        """Open the file, which another process writes, for reading.

        Its pages may still be looked through. Raises StorageUnavailable while it is not there or
        not migrated yet, damaged or another's.
        """
        with ExitStack() as on_failure:
            file = cls(path, read_only=True)
            on_failure.callback(file.close)

            def check(connection: sa.Connection) -> None:
                check_migrated(connection, path)
                check_owner(connection, store, path)

            file._begin(check)
            on_failure.pop_all()
        return file

    def _begin(self, prepare: Callable[[sa.Connection], None]) -> None:
        """Call `prepare` in a transaction."""
        try:
            with self.transaction() as connection:
                prepare(connection)
        except BaseException:  # whatever it is: in a damaged file anything may be read
            self.wait_checked()
            raise

    def wait_checked(self) -> None:
        """Return when all pages have been looked through.

        Raises StorageDamaged unless every page is sound, and StorageError.
        """
        self._check.wait()

    @contextmanager
    def read_while_checked(self) -> Iterator[None]:
        """Have the block read while pages are looked through, and wait for that at its end.

        Raises StorageDamaged unless every page is sound, whatever the block raises: in a damaged
        file anything may be read.
        """
        try:
            yield
        finally:
            self.wait_checked()

    def close(self) -> None:
        """Close the connection, and let another process write."""
        self._connection.close()
        if self._lock is not None:
            self._lock.close()

    @property
    def is_written_here(self) -> bool:
        """True for the only writer, False for who follows."""
        return self._lock is not None

    def check(self) -> None:
        """Raise StorageUnavailable when the file is gone from its path, or was found damaged."""
        if self.damage is not None:
            raise self.damage
        self._file_identity.check()

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Run the block in a transaction, stored at its end unless it raises.

        Raises StorageFull or StorageUnavailable; then nothing was stored.
        """
        self._file_identity.check()
        try:
            with storage_errors(self.path), self._connection.begin():
                yield self._connection
        except StorageDamaged as error:
            self.damage = error
            raise
        self._file_identity.check()

    def scrub(self) -> None:
        """Let nothing of what was removed stay in the file or beside it.

        Raises StorageError: then some of it may stay.
        """
        self.snapshots.delete()
        with storage_errors(self.path):
            scrub(self._connection)
