"""Merges may have been found by looking again at visitors.

Gateways of older releases that run beside this one, on the same PostgreSQL, read such merges and
undo them as they do those made by hand.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_KNOWN = "cause IN ('track', 'hand', 'reconciled', 'bound', 'alike')"


def upgrade() -> None:
    """Let the constraint know the cause; SQLite has to make the table anew for it."""
    connection = op.get_bind()
    last = None
    if connection.dialect.name == "sqlite":
        numbers = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'merges'")
        last = connection.execute(numbers).scalar()
    with op.batch_alter_table("merges", table_kwargs={"sqlite_autoincrement": True}) as merges:
        merges.drop_constraint("known_cause", type_="check")
        merges.create_check_constraint("known_cause", _KNOWN)
    if last is not None:  # numbers of merges that are gone are not given out again
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = 'merges'"))
        again = sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES ('merges', :last)")
        connection.execute(again, {"last": last})
