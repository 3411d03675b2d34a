"""Prepared statements: compiled once by SQLAlchemy, and run on the driver's cursor.

Every frame runs these; SQLAlchemy's own execution takes several times as long as the statement.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

_Statement = sa.Select[Any] | sa.Insert | sa.Update | sa.Delete
_Process = Callable[[Any], Any]
_K = TypeVar("_K")


class Prepared:
    """A statement with named parameters, for any kind of database.

    An insert sets the columns that are given as parameters, and so does an update. Its methods
    raise sqlalchemy.exc.DBAPIError, as SQLAlchemy itself would.
    """

    def __init__(self, statement: _Statement) -> None:
        self._statement = statement
        self._text = lru_cache(maxsize=64)(self._compiled)
        self._reader = lru_cache(maxsize=8)(self._reading)

    def run(self, connection: sa.Connection, values: Mapping[str, Any]) -> None:
        """Run it for what it changes."""
        self._execute(connection, values)

    def first(self, connection: sa.Connection, values: Mapping[str, Any]) -> Any:
        """Return the first row as a named tuple, or None."""
        rows = self.all(connection, values)
        return rows[0] if rows else None

    def all(self, connection: sa.Connection, values: Mapping[str, Any]) -> list[Any]:
        """Return the rows as named tuples."""
        cursor = self._execute(connection, values)
        codes = tuple([column[1] for column in cursor.description])
        reader = self._reader(connection.dialect, codes)
        return [reader.row(row) for row in cursor.fetchall()]

    def _execute(self, connection: sa.Connection, values: Mapping[str, Any]) -> Any:
        """Return the driver's cursor after the statement."""
        text = self._text(connection.dialect, tuple(values))
        cursor = connection.connection.cursor()
        driver_error = connection.dialect.loaded_dbapi.Error
        try:
            cursor.execute(text.sql, text.parameters(values))
        except driver_error as error:
            raise sa.exc.DBAPIError.instance(
                text.sql, None, error, driver_error, dialect=connection.dialect
            ) from error
        return cursor

    def _compiled(self, dialect: sa.Dialect, names: Sequence[str]) -> "_Text":
        columns = None if isinstance(self._statement, sa.Select) else names
        compiled = self._statement.compile(dialect=dialect, column_keys=columns)
        assert isinstance(compiled, SQLCompiler)
        kinds = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
        return _Text(
            str(compiled),
            compiled.positiontup,
            {name: value for name, value in compiled.params.items() if name not in names},
            _needed({name: kind.bind_processor(dialect) for name, kind in kinds.items()}),
        )

    def _reading(self, dialect: sa.Dialect, codes: Sequence[object]) -> "_RowReader":
        assert isinstance(self._statement, sa.Select)
        columns = list(self._statement.selected_columns)
        kinds = [column.type.dialect_impl(dialect) for column in columns]
        processes = [
            kind.result_processor(dialect, c) for kind, c in zip(kinds, codes, strict=True)
        ]
        row = NamedTuple("row", [(str(column.key), Any) for column in columns])  # type: ignore[misc]
        return _RowReader(row._make, _needed(dict(enumerate(processes))))


@dataclass(frozen=True)
class _Text:
    """A statement as one kind of database has it, and what makes values the driver's."""

    sql: str
    positions: Sequence[str] | None
    constants: Mapping[str, Any]
    processes: Mapping[str, _Process]

    def parameters(self, values: Mapping[str, Any]) -> Sequence[Any] | Mapping[str, Any]:
        """Return the parameters as the driver takes them: by position or by name."""
        given = {**self.constants, **values}
        for name, process in self.processes.items():
            given[name] = process(given[name])
        return given if self.positions is None else [given[name] for name in self.positions]


@dataclass(frozen=True)
class _RowReader:
    """What makes a named tuple of a row that the driver fetched."""

    make: Callable[[Sequence[Any]], Any]
    processes: Mapping[int, _Process]

    def row(self, fetched: Sequence[Any]) -> Any:
        """Return the row; its values are those of its columns' types."""
        values = list(fetched)
        for place, process in self.processes.items():
            values[place] = process(values[place])
        return self.make(values)


def _needed(processes: Mapping[_K, _Process | None]) -> dict[_K, _Process]:
    return {key: process for key, process in processes.items() if process is not None}
