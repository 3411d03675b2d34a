"""How a gallery's tables are made: which rows may be theirs."""

import sqlite3
from typing import NamedTuple, Self

from shard.gallery.repair.pages import PageRow, Value

_COLUMNS = 'SELECT cid, name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)'
_TYPES: dict[str, tuple[type, ...]] = {
    "TEXT": (str,),
    "JSON": (str,),
    "INTEGER": (int,),
    "BOOLEAN": (int,),
    "FLOAT": (float, int),
    "BLOB": (bytes,),
}


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


class TableLayout(NamedTuple):
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
        connection.execute(insertion(self.name, names, len(values)), values)


def insertion(table: str, names: str, count: int) -> str:
    """Return the statement that stores a row of `count` columns, unless its keys are there."""
    places = ", ".join("?" * count)
    return f'INSERT OR IGNORE INTO "{table}" ({names}) VALUES ({places})'  # noqa: S608 - the schema's
