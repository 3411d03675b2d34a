"""Copying what can be read of a damaged gallery's tables into a new gallery."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from contract.errors import ConfigurationError, StorageError
from service.files.sqlite_file import open_file
from shard.gallery.repair.pages import rows_in_pages
from shard.gallery.repair.table_layout import TableLayout, insertion
from shard.gallery.schema import IS_CACHE, metadata

_FARTHEST = 1 << 40
"""No row's number is this far from another one's."""
_LAST_NUMBER = (1 << 63) - 1


def copy_tables(path: Path, new: sqlite3.Connection) -> list[str]:
    """Copy every row that its table leads to; return the tables of which some cannot be read.

    Raises ConfigurationError when another release made the gallery.
    """
    tables = [
        table.name
        for table in metadata.sorted_tables
        if table.name != "meta" and IS_CACHE not in table.info
    ]
    try:
        old = open_file(path, read_only=True)
    except (StorageError, sqlite3.Error):
        return tables
    try:
        old.execute("PRAGMA writable_schema = ON")  # reads a file that is shorter than it says
        _refuse_other_release(old, new, path)
        return [name for name in tables if not _copy_table(old, new, metadata.tables[name])]
    finally:
        old.close()


def copy_pages(path: Path, new: sqlite3.Connection, incomplete: list[str]) -> None:
    """Copy the rows of incomplete tables that no table leads to any more.

    What was erased is not among them: SQLite overwrites it.
    """
    tables = [TableLayout.of(new, name) for name in incomplete]
    [page_size] = new.execute("PRAGMA page_size").fetchone()
    new.execute("BEGIN")
    for row in rows_in_pages(path, page_size) if path.exists() else ():
        fitting = [table for table in tables if table.holds(row)]
        if len(fitting) == 1:
            fitting[0].insert(new, row)
    new.execute("DELETE FROM templates WHERE template_id IN (SELECT template_id FROM tombstones)")
    new.execute("COMMIT")


def _refuse_other_release(old: sqlite3.Connection, new: sqlite3.Connection, path: Path) -> None:
    query = "SELECT version_num FROM alembic_version"
    try:
        found = old.execute(query).fetchall()
    except sqlite3.DatabaseError:
        return  # nobody knows any more
    if found in ([], [(None,)]):  # what is left of a file that was cut short
        return
    if found != new.execute(query).fetchall():
        raise ConfigurationError(f"{path} was made by another release: repair it with that one")


def _copy_table(old: sqlite3.Connection, new: sqlite3.Connection, table: sa.Table) -> bool:
    """Copy a table's readable rows; say whether these are all."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    rows = _ReadableRows(old, f'FROM "{table.name}"', names)
    new.execute("PRAGMA foreign_keys = OFF")
    new.execute("BEGIN")
    new.executemany(insertion(table.name, names, len(table.columns)), rows)
    new.execute("COMMIT")
    return rows.complete


class _ReadableRows:
    """The rows of a table that can be read; `complete` when all could be."""

    def __init__(self, connection: sqlite3.Connection, table: str, columns: str) -> None:
        self._connection = connection
        self._rows = f"SELECT rowid, {columns} {table} WHERE rowid > ? ORDER BY rowid"
        self._next = f"SELECT rowid {table} WHERE rowid > ? ORDER BY rowid LIMIT 1"
        self.complete = True

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        last, step = 0, 1
        while last < _LAST_NUMBER:
            try:
                for number, *row in self._connection.execute(self._rows, (last,)):
                    # Damage may have put rows in another order: never back.
                    last, step = max(last, number), 1
                    yield tuple(row)
            except (sqlite3.DatabaseError, UnicodeDecodeError):
                self.complete = False
                last = max(self._broken(last), min(last + step, _LAST_NUMBER))
                step *= 2  # what is passed over is found in the pages
            else:
                return

    def _broken(self, last: int) -> int:
        """Return the number of the row after `last` that cannot be read, or from where on one can.

        That is the last number when none can.
        """
        try:
            row = self._connection.execute(self._next, (last,)).fetchone()
        except sqlite3.DatabaseError:
            return self._beyond(last)
        return row[0] if row else _LAST_NUMBER

    def _beyond(self, last: int) -> int:
        """Return the least number after `last` from which on a row can be found."""
        step = 1
        while not self._is_readable(last + step):
            step *= 2
            if step > _FARTHEST:
                return _LAST_NUMBER
        low, high = step // 2, step
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._is_readable(last + middle) else (middle, high)
        return last + high

    def _is_readable(self, number: int) -> bool:
        try:
            self._connection.execute(self._next, (min(number, _LAST_NUMBER),)).fetchone()
        except sqlite3.DatabaseError:
            return False
        return True
