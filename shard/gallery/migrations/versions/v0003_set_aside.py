"""Templates of FaceIds that turned out to be somebody else, kept so that it can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "set_aside",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("merge", sa.Text, nullable=False, index=True),
        sa.Column("face_id", sa.Text, nullable=False, index=True),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("quality", sa.Float, nullable=False),
        sa.Column("since", sa.Text, nullable=False, index=True),
    )
