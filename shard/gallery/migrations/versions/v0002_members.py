"""Who agreed to be searched for by other stores; merges that can be undone; who is not whom."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column and the tables; who is stored already stays findable as before."""
    consent = sa.Column("roams", sa.Boolean, nullable=False, server_default=sa.true())
    op.add_column("faces", consent)
    op.create_table(
        "merges",
        sa.Column("merge", sa.Text, primary_key=True),
        sa.Column("into_face_id", sa.Text, nullable=False, index=True),
        sa.Column("from_face_id", sa.Text, nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("templates", sa.JSON, nullable=False),
    )
    op.create_table(
        "distinctions",
        sa.Column("face_id", sa.Text, primary_key=True),
        sa.Column("other_face_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False, unique=True),
    )
