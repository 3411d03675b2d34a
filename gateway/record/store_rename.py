"""Renaming a store: in every table that names it, in one transaction."""

import json
from typing import Any

import sqlalchemy as sa

from contract.errors import Conflict
from gateway.record.audit.schema import audit, audit_subjects
from gateway.record.people.schema import members, merges
from gateway.record.schema import metadata
from gateway.record.visits.schema import answers

_KEEPS_OWN = {members.name}
"""Tables whose JSON is the customers' own: nothing in it names a store to facegate."""
_ONLY_ASKED = {audit.name, audit_subjects.name}
"""Tables that name stores which somebody asked for: there may be no such store."""
_STORES = {"home", "skipped", "unawaited"}
"""Names of stores, and lists of them, beside all that ends with `store`."""
_BY_STORE = {"failed", "skipped"}
"""Of an answer's coverage: mappings from store to reason."""


def rename_store(connection: sa.Connection, old: str, new: str) -> int:
    """Call the store `old` `new`, and return how many rows named it.

    Doing it again changes nothing. Raises Conflict when the record knows both.
    """
    columns = [c for t in metadata.sorted_tables for c in t.columns if c.name.endswith("store")]
    texts = [column for column in columns if isinstance(column.type, sa.Text)]
    if not any(_names(connection, column, old) for column in texts):
        return 0
    if any(_names(connection, c, new) for c in texts if c.table.name not in _ONLY_ASKED):
        raise Conflict(f"the record knows a store {new!r} already, with visits or FaceIds")
    changed = sum(_rename(connection, column, old, new) for column in texts)
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, sa.JSON) and table.name not in _KEEPS_OWN:
                _rewrite(connection, column, old, new)
    _rewrite_answers(connection, old, new)
    return changed


def _names(connection: sa.Connection, column: sa.Column[Any], store: str) -> bool:
    query = sa.select(sa.literal(1)).select_from(column.table).where(column == store).limit(1)
    return connection.scalar(query) is not None


def _rename(connection: sa.Connection, column: sa.Column[Any], old: str, new: str) -> int:
    update = sa.update(column.table).where(column == old).values({column: new})
    return connection.execute(update).rowcount


def _rewrite(connection: sa.Connection, column: sa.Column[Any], old: str, new: str) -> None:
    """Name the store anew within the JSON of a column."""
    keys = list(column.table.primary_key.columns)
    mentions = sa.cast(column, sa.Text).contains(json.dumps(old), autoescape=True)
    plain = sa.cast(column, sa.Text).contains(old, autoescape=True)
    rows = connection.execute(sa.select(column, *keys).where(mentions | plain)).all()
    pairs = column is merges.c.faces
    for value, *key in rows:
        renamed = [[new if s == old else s, f] for s, f in value] if pairs else _in(value, old, new)
        this = sa.and_(*(part == found for part, found in zip(keys, key, strict=True)))
        connection.execute(sa.update(column.table).where(this).values({column: renamed}))


def _rewrite_answers(connection: sa.Connection, old: str, new: str) -> None:
    """Name the store anew in the answers that are kept for frames that are sent again."""
    kept = sa.select(answers.c.store, answers.c.key, answers.c.body)
    for store, key, body in connection.execute(kept.where(answers.c.body.is_not(None))).all():
        renamed = json.dumps(_in(json.loads(body), old, new)).encode()
        this = (answers.c.store == store) & (answers.c.key == key)
        connection.execute(sa.update(answers).where(this).values(body=renamed))


def _in(value: Any, old: str, new: str, place: str = "") -> Any:
    """Return a JSON value with `old` as `new` where a store is named."""
    if isinstance(value, dict):
        return {
            (new if place in _BY_STORE and key == old else key): _in(part, old, new, key)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_in(part, old, new, place) for part in value]
    named = place.endswith("store") or place in _STORES
    return new if named and value == old else value
