"""A number for each FaceId, by which the index knows it, and what the index keeps in the record."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Number the FaceIds; add the tables of those that are gone, of places and of snapshots."""
    last = sa.Column("last_number", sa.Integer, nullable=False, server_default="0")
    op.add_column("meta", last)
    op.add_column("faces", sa.Column("number", sa.Integer))
    op.execute("UPDATE faces SET number = rowid")
    op.execute("UPDATE meta SET last_number = (SELECT coalesce(max(number), 0) FROM faces)")
    op.create_index("ix_faces_number", "faces", ["number"], unique=True)
    op.create_index("ix_faces_created_at", "faces", ["created_at"])
    op.create_table(
        "gone_faces",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False, unique=True),
        sa.Column("since", sa.Text, nullable=False),
    )
    op.create_table(
        "places",
        sa.Column(
            "number",
            sa.Integer,
            sa.ForeignKey("faces.number", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("placing", sa.Integer, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("mean", sa.Float, nullable=False),
        sa.Column("deviation", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snapshots",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("mark", sa.Text, nullable=False),
    )
