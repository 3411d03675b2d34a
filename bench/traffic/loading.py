"""Puts a history into a record fast: the record's own way would take hours."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import psycopg
import sqlalchemy as sa

from bench.traffic.history import COLUMNS, History
from gateway.clock.store_clock import DAYS_BEFORE, HOURS_A_DAY
from gateway.record.database import Database
from gateway.record.schema import metadata
from gateway.record.scope import CHAIN
from gateway.record.visits.schema import visits
from gateway.record.visits.visit import NEVER, Sums


async def load(url: str, data: Path, history: History) -> None:
    """Make the record at `url`, with the visits of `history` in it."""
    async with Database.at(url, data):
        pass  # makes the tables
    if url.startswith("sqlite"):
        _load_sqlite(Path(str(sa.make_url(url).database)), history)
    else:
        _load_postgresql(url, history)


def _load_sqlite(path: Path, history: History) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA temp_store = MEMORY")
        _run(connection, _drops())
        names, marks = ", ".join(COLUMNS), ", ".join("?" * len(COLUMNS))
        insertion = f"INSERT INTO visits ({names}) VALUES ({marks})"
        for rows in history.rows():
            connection.executemany(insertion, rows)
        _run(connection, [*_indexes(), _sums(), *_returns(), _persons("0")])
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def _load_postgresql(url: str, history: History) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        _run(connection, _drops())
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY visits ({', '.join(COLUMNS)}) FROM STDIN".encode()) as copy,
        ):
            for rows in history.rows():
                copy.write("".join(map(_line, rows)))
        _run(connection, [*_indexes(), _sums(), *_returns(), _persons("false")])
        connection.execute("SELECT setval('visits_visit_seq', max(visit)) FROM visits")
        connection.execute("SELECT setval('persons_person_seq', max(person)) FROM persons")
        connection.execute("VACUUM ANALYZE")


def _line(row: tuple[object, ...]) -> str:
    return "\t".join("\\N" if value is None else f"{value}" for value in row) + "\n"


def _run(
    connection: "sqlite3.Connection | psycopg.Connection[tuple[object, ...]]",
    statements: Iterable[str],
) -> None:
    for statement in statements:
        connection.execute(statement)


def _drops() -> list[str]:
    return [f"DROP INDEX {index.name}" for index in visits.indexes]


def _indexes() -> list[str]:
    return [str(sa.schema.CreateIndex(index)) + _where(index) for index in visits.indexes]


def _where(index: sa.Index) -> str:
    where = index.dialect_options["sqlite"]["where"]
    return "" if where is None else f" WHERE {where}"


def _persons(false: str) -> str:
    return (
        "INSERT INTO persons (person, member, staff)"
        f" SELECT person, max(CASE WHEN member THEN 1 ELSE 0 END) = 1, {false}"
        " FROM visits GROUP BY person"
    )


def _returns() -> list[str]:
    """Return what fills `returns`, as `Visit.returns` does one by one."""
    return [
        f"INSERT INTO returns SELECT {scope}, hour / {HOURS_A_DAY},"
        f" CASE WHEN {before} IS NULL THEN {NEVER} ELSE {before} / {HOURS_A_DAY} END, count(*)"
        f" FROM visits WHERE {before} IS NULL OR {before} / {HOURS_A_DAY} < hour / {HOURS_A_DAY}"
        " GROUP BY 1, 2, 3"
        for scope, before in (("store", "before_here"), (f"'{CHAIN}'", "before_anywhere"))
    ]


def _sums() -> str:
    """Return the sums of hours in SQL, by the definitions that `Visit.sums` has in Python."""

    def first(before: str, unit: str | None) -> str:
        earlier = f"{unit.format(before)} < {unit.format('hour')}" if unit else "1 = 0"
        return f"sum(CASE WHEN {before} IS NULL OR {earlier} THEN 1 ELSE 0 END)"

    units = ("{}", f"{{}} / {HOURS_A_DAY}", f"({{}} / {HOURS_A_DAY} + {DAYS_BEFORE}) / 7")
    columns = {
        "pv": "count(*)",
        "new": first("before_here", None),
        "roaming": "sum(CASE WHEN kind = 'roaming' THEN 1 ELSE 0 END)",
        "members": "sum(CASE WHEN member THEN 1 ELSE 0 END)",
        "dwell_ms": "sum(last_at - first_at)",
    }
    for scope, before in (("", "before_here"), ("chain_", "before_anywhere")):
        if scope:
            columns["chain_new"] = first(before, None)
        for name, unit in zip(("hour", "day", "week"), units, strict=True):
            columns[f"{scope}uv_{name}"] = first(before, unit)
    assert set(columns) == set(Sums._fields)
    names, values = ", ".join(columns), ", ".join(columns.values())
    table = metadata.tables["traffic"].name
    return (
        f"INSERT INTO {table} (store, hour, {names})"
        f" SELECT store, hour, {values} FROM visits GROUP BY store, hour"
    )
