"""A store's key in the record: everywhere or nowhere."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from contract.errors import Conflict
from gateway.record.audit.schema import audit
from gateway.record.database import Database
from gateway.record.people.schema import members
from gateway.record.schema import metadata
from gateway.record.store_rename import rename_store
from service.sealed_columns import SealedBytes, SealedObject, SealedText, SealedVector

NAMES = {"store", "home_store", "other_store", "into_store", "from_store"}


def test_every_column_that_names_a_store_is_known() -> None:
    columns = [column for table in metadata.sorted_tables for column in table.columns]
    named = {c.name for c in columns if "store" in c.name and isinstance(c.type, sa.Text)}

    assert named == NAMES


def fill(connection: sa.Connection, store: str) -> None:
    """Write a row into every table, with `store` wherever a store can be."""
    connection.exec_driver_sql(DEFERRED[connection.dialect.name])
    for number, table in enumerate(metadata.sorted_tables):
        row = {column.key: value(column, store, number) for column in table.columns}
        connection.execute(sa.insert(table).values(row))


DEFERRED = {
    "sqlite": "PRAGMA defer_foreign_keys = ON",
    "postgresql": "SET session_replication_role = replica",
}
CHECKED = {"kind": "home", "cause": "hand"}
BY_TABLE = {
    "identities": {"kind": "member"},
    "erasures": {"cause": "face"},
    "audit_subjects": {"kind": "face"},
}


def value(column: sa.Column[Any], store: str, number: int) -> Any:
    if isinstance(column.type, sa.Text) and column.name.endswith("store"):
        return store
    given = BY_TABLE.get(column.table.name, {}).get(column.name) or CHECKED.get(column.name)
    if given is not None:
        return given
    if isinstance(column.type, SealedVector | SealedBytes):
        return b"\0\0\0\0"
    if isinstance(column.type, sa.JSON | SealedObject):
        return [[store, "f"]] if column.name == "faces" else {"store": store, "text": store}
    if isinstance(column.type, sa.LargeBinary):
        failed = {store: "timeout"}
        return json.dumps({"store": store, "coverage": {"failed": failed}, "name": store}).encode()
    if isinstance(column.type, sa.Boolean):
        return False
    return "1" if isinstance(column.type, sa.Text | SealedText) else 1


def all_rows(connection: sa.Connection) -> dict[str, list[Any]]:
    return {
        table.name: [list(row) for row in connection.execute(sa.select(table)).all()]
        for table in metadata.sorted_tables
    }


def found(rows: dict[str, list[Any]], store: str) -> set[str]:
    """Return the tables of which some row has `store` as a whole text in it."""
    return {name for name, content in rows.items() if f"'{store}'" in str(content)}


async def test_every_row_of_every_table_names_the_new_key(database: Database) -> None:
    await database.write(None, fill, "old 店")
    before = await database.read(None, all_rows)

    assert await database.write(None, rename_store, "old 店", "new") > 0

    after = await database.read(None, all_rows)
    assert found(after, "new") == found(before, "old 店") - {members.name}
    [answer] = after["answers"]
    assert json.loads(next(v for v in answer if isinstance(v, bytes))) == {
        "store": "new",
        "coverage": {"failed": {"new": "timeout"}},
        "name": "old 店",
    }
    assert after["members"] == before["members"], "what customers wrote themselves"
    assert after["merges"][0][4] == [["new", "f"]]
    assert await database.write(None, rename_store, "old 店", "new") == 0
    await database.write(None, rename_store, "new", "old 店")
    assert await database.read(None, all_rows) == before


async def test_a_key_that_is_taken_is_refused_and_nothing_changes(database: Database) -> None:
    await database.write(None, fill, "old")
    await database.write(None, lambda c: c.execute(sa.insert(TAKEN).values(ROW)))
    before = await database.read(None, all_rows)

    with pytest.raises(Conflict, match="'new' already"):
        await database.write(None, rename_store, "old", "new")

    assert await database.read(None, all_rows) == before


async def test_a_key_that_was_only_asked_for_is_not_taken(database: Database) -> None:
    entry = {"writer": "w", "at": 1, "action": "face.get", "entry": "{}"}
    asked = [{**entry, "number": n, "store": store} for n, store in enumerate(("old", "new"))]
    await database.write(None, lambda c: c.execute(sa.insert(audit), asked))

    assert await database.write(None, rename_store, "old", "new") == 1


TAKEN = metadata.tables["events"]
ROW = {"seq": 77, "store": "new", "kind": "x", "at": 0, "payload": {}}
