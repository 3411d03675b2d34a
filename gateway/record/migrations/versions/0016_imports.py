"""Imports of members that run as jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_InOrder = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "imports",
        sa.Column("number", _Number, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("partial", sa.Boolean, nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("deadline", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("lines", sa.Integer),
        sa.Column("checked", sa.Integer, nullable=False),
        sa.Column("written", sa.Integer, nullable=False),
        sa.Column("created", sa.Integer, nullable=False),
        sa.Column("updated", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.Column("refused_lines", sa.JSON, nullable=False),
        sa.Column("kept", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("runner", sa.Text),
        sa.Column("alive_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "import_parts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "import_undo",
        sa.Column("undo", _Number, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("member_id", _InOrder, nullable=False, index=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("bound", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
