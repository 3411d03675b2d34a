"""Which templates are of one picture, and the files of pictures where the store keeps them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_LAST = """
CREATE TRIGGER {table}_last_of_picture AFTER DELETE ON {table} WHEN OLD.picture IS NOT NULL
BEGIN
    DELETE FROM kept_pictures WHERE picture = OLD.picture
        AND NOT EXISTS (SELECT 1 FROM templates WHERE picture = OLD.picture)
        AND NOT EXISTS (SELECT 1 FROM set_aside WHERE picture = OLD.picture);
END
"""


def upgrade() -> None:
    """Add columns, table and triggers; what was enrolled until now is one picture each."""
    for table in ("templates", "set_aside"):
        op.add_column(table, sa.Column("picture", sa.Integer))
        op.create_index(f"ix_{table}_picture", table, ["picture"])
    op.execute(
        "UPDATE templates SET picture = template_id WHERE learned_from IS NULL AND quality != 0"
    )
    op.create_table(
        "kept_pictures",
        sa.Column("picture", sa.Integer, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False, index=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    for table in ("templates", "set_aside"):
        op.execute(_LAST.format(table=table))
