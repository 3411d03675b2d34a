"""`INSERT … ON CONFLICT`, which SQLAlchemy spells once for each database."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert


def insert(connection: sa.Connection, table: sa.Table) -> Insert:
    """Return an insert into `table` that can say what to do on a conflict."""
    return insert_in(connection.dialect.name, table)


def insert_in(dialect: str, table: sa.Table) -> Insert:
    """Return the same for a dialect by its name."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def added(connection: sa.Connection, statement: Insert) -> bool:
    """Insert one row unless there is one with its key; say whether it was inserted."""
    unless_there = statement.on_conflict_do_nothing().returning(sa.literal(1))
    return connection.execute(unless_there).first() is not None
