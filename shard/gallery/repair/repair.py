"""What can still be read of a damaged gallery, into a new one; the damaged file is kept aside."""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self

import sqlalchemy as sa

from contract.errors import ConfigurationError, StorageError, StorageUnavailable
from contract.pictures.naming import MINTED_PREFIX
from service.files.sqlite_file import BESIDE, lock_for_writing, open_file
from shard.gallery.gallery import Gallery
from shard.gallery.repair.pages import PageRow, Value, rows_in_pages
from shard.gallery.schema import metadata

_COLUMNS = 'SELECT cid, name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)'
_TYPES: dict[str, tuple[type, ...]] = {
    "TEXT": (str,),
    "JSON": (str,),
    "INTEGER": (int,),
    "BOOLEAN": (int,),
    "FLOAT": (float, int),
    "BLOB": (bytes,),
}
_HEADER = 100
"""Bytes of a SQLite file before its first page's content."""
_FARTHEST = 1 << 40
"""No row's number is this far from another one's."""
_LAST_NUMBER = (1 << 63) - 1


@dataclass(frozen=True)
class Repair:
    """What a repair kept, and what it could not read.

    `incomplete` are the tables of which parts were unreadable; `lost` are the FaceIds of which no
    vector was left.
    """

    faces: int
    templates: int
    incomplete: list[str]
    lost: list[str]
    aside: Path


def repair(path: Path, store: str) -> Repair | None:
    """Make the gallery in the file `path` one that can be used; None when it can be already.

    Raises ConfigurationError when a shard writes it or another release made it, StorageError when a
    new file cannot be written. Until the last step nothing has changed.
    """
    with lock_for_writing(path, "stop the shard that writes this gallery first"):
        if _is_sound(path, store):
            return None
        draft = path.with_name(f"{path.name}.repaired")
        _remove(draft)
        try:
            return _repaired(path, store, draft)
        finally:
            _remove(draft)


def _repaired(path: Path, store: str, draft: Path) -> Repair:
    """Make the file `draft` of what can be read, and put it in the place of `path`."""
    Gallery.open(draft, store).close()
    new = open_file(draft, read_only=False)
    try:
        incomplete = _copy(_readable(path, draft), new)
        if incomplete:
            _copy_pages(_readable(path, draft), new, incomplete)
        lost = _mend(new, store)
        [faces] = new.execute("SELECT count(*) FROM faces").fetchone()
        [templates] = new.execute("SELECT count(*) FROM templates").fetchone()
    finally:
        new.close()
    return Repair(faces, templates, incomplete, lost, _swap(path, draft))


def _remove(draft: Path) -> None:
    """Remove a draft, of an earlier run too, and what SQLite and locks have put beside it."""
    for left in draft.parent.glob(f"{draft.name}*"):
        left.unlink()


def _is_sound(path: Path, store: str) -> bool:
    """Say whether a shard could use the file. It is tried with a copy: who opens it writes it."""
    if not path.exists():
        return False
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            copy = _copied(path, Path(folder) / path.name)
            with contextlib.closing(open_file(copy, read_only=True)) as connection:
                [found] = connection.execute("PRAGMA integrity_check(1)").fetchone()
                [owner] = connection.execute("SELECT store FROM meta").fetchone() or [store]
            Gallery.open(copy, owner).close()
            return bool(found == "ok")
    except (StorageError, sqlite3.Error, sa.exc.DatabaseError, UnicodeDecodeError):
        return False
    except OSError as error:
        raise StorageUnavailable(f"{path} cannot be copied: {error}") from error


def _copied(path: Path, copy: Path) -> Path:
    """Copy the file `path` and its log."""
    for ending in ("", *BESIDE[:1]):
        if path.with_name(path.name + ending).exists():
            shutil.copy(path.with_name(path.name + ending), copy.with_name(copy.name + ending))
    return copy


def _copy(path: Path, new: sqlite3.Connection) -> list[str]:
    """Copy every readable row; return the tables of which some could not be read."""
    tables = [table.name for table in metadata.sorted_tables if table.name != "meta"]
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


def _readable(path: Path, draft: Path) -> Path:
    """Return the damaged file, or a copy of it with the header of `draft` where its own is gone.

    The header's 100 bytes are the same in all galleries, but for a few counts.
    """
    with draft.open("rb") as file:
        header = bytearray(file.read(_HEADER))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        try:
            connection.execute("PRAGMA schema_version")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
                return path
        else:
            return path
    copy = _copied(path, draft.with_name(f"{draft.name}.copy"))
    page = int.from_bytes(header[16:18])
    header[28:32] = (path.stat().st_size // page).to_bytes(4)
    header[32:40] = bytes(8)  # no list of free pages
    with copy.open("r+b") as file:
        file.write(header)
    return copy


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


def _copy_pages(path: Path, new: sqlite3.Connection, incomplete: list[str]) -> None:
    """Copy the rows of incomplete tables that no table leads to any more.

    What was erased is not among them: SQLite overwrites it.
    """
    tables = [_Table.of(new, name) for name in incomplete]
    [page_size] = new.execute("PRAGMA page_size").fetchone()
    new.execute("BEGIN")
    for row in rows_in_pages(path, page_size) if path.exists() else ():
        fitting = [table for table in tables if table.holds(row)]
        if len(fitting) == 1:
            fitting[0].insert(new, row)
    new.execute("DELETE FROM templates WHERE template_id IN (SELECT template_id FROM tombstones)")
    new.execute("COMMIT")


class _Column(NamedTuple):
    """A column as `PRAGMA table_info` tells of it."""

    number: int
    name: str
    type: str
    not_null: int
    default: str | None
    key: int

    @property
    def is_number(self) -> bool:
        """True when its value is the row's number, and stored as none."""
        return self.type == "INTEGER" and self.key == 1

    def takes(self, value: Value) -> bool:
        """Say whether `value` is one of this column."""
        if value is None:
            return self.is_number or not (self.not_null or self.key)
        return isinstance(value, _TYPES[self.type]) and not self.is_number


class _Table(NamedTuple):
    """What tells a table's rows from others."""

    name: str
    columns: list[_Column]

    @classmethod
    def of(cls, connection: sqlite3.Connection, name: str) -> Self:
        """Read how the table called `name` is made."""
        return cls(name, [_Column(*row) for row in connection.execute(_COLUMNS, (name,))])

    def holds(self, row: PageRow) -> bool:
        """Say whether `row` may be one of this table; columns added later have their default."""
        values, later = row.values, self.columns[len(row.values) :]
        return (
            len(values) <= len(self.columns)
            and all(
                column.takes(value) for column, value in zip(self.columns, values, strict=False)
            )
            and all(column.default is not None or column.takes(None) for column in later)
        )

    def insert(self, connection: sqlite3.Connection, row: PageRow) -> None:
        """Store `row`, unless one with its keys is there."""
        columns = self.columns[: len(row.values)]
        names = ", ".join(f'"{column.name}"' for column in columns)
        values = [
            row.number if column.is_number else value
            for column, value in zip(columns, row.values, strict=True)
        ]
        connection.execute(_insertion(self.name, names, len(values)), values)


def _insertion(table: str, names: str, count: int) -> str:
    places = ", ".join("?" * count)
    return f'INSERT OR IGNORE INTO "{table}" ({names}) VALUES ({places})'  # noqa: S608 - the schema's


def _copy_table(old: sqlite3.Connection, new: sqlite3.Connection, table: sa.Table) -> bool:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    rows = _Rows(old, f'FROM "{table.name}"', names)
    new.execute("PRAGMA foreign_keys = OFF")
    new.execute("BEGIN")
    new.executemany(_insertion(table.name, names, len(table.columns)), rows)
    new.execute("COMMIT")
    return rows.complete


class _Rows:
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


def _mend(new: sqlite3.Connection, store: str) -> list[str]:
    """Make what was copied fit together; return the FaceIds of which no vector is left.

    FaceIds whose own row is lost come back without member, and other stores do not find them.
    Pictures whose vectors are lost are forgotten, so that the next import brings them again.
    """
    new.execute("BEGIN")
    usual = "SELECT length(vector) FROM templates GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    new.execute(f"DELETE FROM templates WHERE length(vector) IS NOT ({usual})")  # noqa: S608
    [seq] = new.execute(_LAST_SEQ).fetchone()
    ownerless = new.execute(_OWNERLESS).fetchall()
    for number, (face_id, since) in enumerate(ownerless, seq + 1):
        kind = "visitor" if face_id.startswith(MINTED_PREFIX) else "member"
        new.execute(_NEW_FACE, (face_id, number, kind, since))
    lost = [name for (name,) in new.execute(_LOST).fetchall()]
    new.execute("DELETE FROM faces WHERE face_id NOT IN (SELECT face_id FROM templates)")
    new.execute(_FORGOTTEN)
    new.execute("UPDATE meta SET seq = ?, imported = 0", (seq + len(ownerless) + 1,))
    new.execute("COMMIT")
    return lost


_LAST_SEQ = " UNION ALL ".join(
    f"SELECT seq FROM {name}"  # noqa: S608 - names of the schema
    for name in ("meta", "faces", "templates", "tombstones", "distinctions")
)
_LAST_SEQ = f"SELECT max(seq) FROM ({_LAST_SEQ})"  # noqa: S608
_OWNERLESS = (
    "SELECT face_id, min(created_at) FROM templates"
    " WHERE face_id NOT IN (SELECT face_id FROM faces) GROUP BY face_id"
)
_NEW_FACE = (
    "INSERT INTO faces (face_id, seq, kind, member_id, provisional, created_at, roams)"
    " VALUES (?, ?, ?, NULL, 0, ?, 0)"
)
_LOST = "SELECT face_id FROM faces WHERE face_id NOT IN (SELECT face_id FROM templates)"
_FORGOTTEN = (
    "DELETE FROM sources WHERE outcome = 'enrolled'"
    " AND source NOT IN (SELECT source FROM templates WHERE source IS NOT NULL)"
)


def _swap(path: Path, draft: Path) -> Path:
    """Put `draft` in the place of `path`, whose files get another name, which is returned."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    aside = path.with_name(f"{path.name}.damaged-{moment}")
    if path.exists():
        os.link(path, aside)  # so that there is a gallery at every moment
    for ending in BESIDE:
        beside = path.with_name(path.name + ending)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + ending))
    draft.replace(path)
    return aside
