"""`INSERT … ON CONFLICT`, which SQLAlchemy has once for each dialect."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert


def insert_into(connection: sa.Connection, table: sa.Table) -> Insert:
    """Return an insert into `table` that takes an `on_conflict_…` clause."""
    return dialect_insert(connection.dialect.name, table)


def dialect_insert(dialect: str, table: sa.Table) -> Insert:
    """Return the same insert for a dialect by its name."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_if_absent(connection: sa.Connection, statement: Insert) -> bool:
    """Insert one row unless there is one with its key; say whether it was inserted."""
    unless_there = statement.on_conflict_do_nothing().returning(sa.literal(1))
    return connection.execute(unless_there).first() is not None
