"""Another key for a store, in its gallery alone."""

import contextlib
import sqlite3
from pathlib import Path

from contract.errors import StorageUnavailable
from contract.stores.stored_galleries import gallery_file
from service.files.sqlite_file import lock_for_writing, open_file


def rename_gallery(data: Path, old: str, new: str) -> None:
    """Make the gallery of `old` in the folder `data` that of `new`; doing it again changes nothing.

    Raises ConfigurationError when a shard writes it, StorageUnavailable when that cannot be.
    """
    path = gallery_file(data, old)
    if not path.exists():
        return
    target = gallery_file(data, new)
    if target.parent.exists():
        raise StorageUnavailable(f"{target.parent} is there already")
    with lock_for_writing(path, "a shard writes this gallery: stop it first"):
        try:
            with contextlib.closing(open_file(path, read_only=False)) as connection:
                connection.execute("UPDATE meta SET store = ?", (new,))
            path.parent.rename(target.parent)
        except (sqlite3.Error, OSError) as error:
            raise StorageUnavailable(f"{path}: {error}") from error
