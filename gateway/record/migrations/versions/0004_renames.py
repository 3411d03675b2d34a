"""FaceIds that get another name."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "renames",
        sa.Column("rename", number, primary_key=True),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("face_id", sa.Text, nullable=False),
        sa.Column("new_face_id", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("done_at", sa.BigInteger, index=True),
        sa.Column("refusal", sa.Text),
        sqlite_autoincrement=True,
    )
