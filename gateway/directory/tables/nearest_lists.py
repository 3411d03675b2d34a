"""The index of the directory: inverted lists (`ivfflat` of pgvector), once there are many.

Faces are spread so evenly that a graph (`hnsw`) finds fewer of those who match in the same time,
and takes many times as long to build (docs/scale.md).
"""

import math

import sqlalchemy as sa

from gateway.directory.tables.schema import entries, models

LEAST = 20_000
"""Entries from which lists are made: to look through fewer takes 10 ms."""
GROWTH = 2
"""They are made anew when there are so many times as many entries as they were made from."""
_ENTRIES_A_LIST = 500
_MOST_LISTS = 1400
"""More would need more memory while they are made than `_MEMORY`: pgvector takes 50 vectors for
each, and keeps for every one of these a distance to every list, 200 bytes times lists squared."""
_MEMORY = "512MB"
_ROOTS = 2
"""A search looks through so many times the root of the number of lists."""


def vectors_of(dimension: int, kind: str = "vector") -> str:
    """Return the vectors of one dimension as an expression, of one of pgvector's types."""
    return f"vector::{kind}({dimension})"


def probes_of(lists: int) -> int:
    """Return how many of the lists a search looks through, the nearest ones."""
    return max(1, math.ceil(_ROOTS * math.sqrt(lists)))


def lists_of(count: int) -> int:
    """Return how many lists so many entries have."""
    return min(count // _ENTRIES_A_LIST, _MOST_LISTS)


def make_lists(connection: sa.Connection) -> list[str]:
    """Make the lists of models that need them, and return the models' names.

    Searches go on meanwhile; nothing can be taken over. For 500,000 entries that is a minute.
    """
    number = sa.func.count().label("entries")
    counted = sa.select(models, number).join(entries, entries.c.model == models.c.model)
    made = []
    for row in connection.execute(counted.group_by(models.c.model)).all():
        if row.entries >= max(LEAST, GROWTH * row.trained_by):
            _make(connection, row.model, row.dimension, row.entries)
            made.append(row.name)
    return made


def _make(connection: sa.Connection, model: int, dimension: int, count: int) -> None:
    lists = lists_of(count)
    name = f"directory_lists_{model}"
    kind = _kind(connection)
    connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
    connection.execute(sa.text(f"SET LOCAL maintenance_work_mem = '{_MEMORY}'"))
    connection.execute(
        sa.text(
            f"CREATE INDEX {name}_new ON directory_entries"
            f" USING ivfflat (({vectors_of(dimension, kind)}) {kind}_ip_ops)"
            f" WITH (lists = {lists}) WHERE model = {model}"
        )
    )
    connection.execute(sa.text(f"DROP INDEX IF EXISTS {name}"))
    connection.execute(sa.text(f"ALTER INDEX {name}_new RENAME TO {name}"))
    this = sa.update(models).where(models.c.model == model)
    connection.execute(this.values(lists=lists, trained_by=count, listed_as=kind))


def _kind(connection: sa.Connection) -> str:
    """Return the type that is searched in the least time: pgvector has `halfvec` since 0.7."""
    has_half = connection.scalar(sa.text("SELECT to_regtype('halfvec') IS NOT NULL"))
    return "halfvec" if has_half else "vector"
