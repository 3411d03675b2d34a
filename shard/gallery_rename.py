"""`python -m shard.gallery_rename OLD NEW`: another key for a store, in its gallery alone.

A step of `facegate stores rename`; the store's shard may not run meanwhile.
"""

import argparse
import contextlib
import sqlite3
import sys
from pathlib import Path

from contract.errors import FacegateError, StorageUnavailable
from contract.sqlite_file import lock_for_writing, open_file
from contract.stored_galleries import gallery_file


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


def main() -> None:
    """Rename; exit with one line and 1 when that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m shard.gallery_rename", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("old")
    parser.add_argument("new")
    given = parser.parse_args()
    try:
        rename_gallery(given.data, given.old, given.new)
    except FacegateError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
