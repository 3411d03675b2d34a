"""Members that can be searched, and what their shards still have to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column and the tables."""
    folded = sa.Column("folded_name", sa.Text, nullable=False, server_default="")
    op.add_column("members", folded)
    for name in ("into_store", "into_face_id", "from_store", "from_face_id", "member_id"):
        op.add_column("merges", sa.Column(name, sa.Text))
    op.add_column("distinctions", sa.Column("applied_at", sa.BigInteger))
    op.create_index("visits_of_face", "visits", ["home_store", "face_id", "hour"])
    op.create_table(
        "member_tags",
        sa.Column("member_id", sa.Text, sa.ForeignKey("members.member_id"), primary_key=True),
        sa.Column("tag", sa.Text, primary_key=True),
        sa.Index("members_of_tag", "tag", "member_id"),
    )
    op.create_table(
        "face_tasks",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("face_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
