"""How the cameras are.

Gateways of older releases that run beside this one, on the same PostgreSQL, count nothing here: a
camera that sends to them alone is silent as far as the others know.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "cameras",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("camera", sa.Text, primary_key=True),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("taken_at", sa.BigInteger),
        sa.Column("agent", sa.Text),
        sa.Column("refusal", sa.Text),
        sa.Column("silent_since", sa.BigInteger),
    )
    sums = ("frames", "faces", "empty", "refused", "width")
    unfit = ("no_face", "too_small", "too_dark", "blurred", "pose")
    op.create_table(
        "camera_hours",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("camera", sa.Text, primary_key=True),
        sa.Column("hour", sa.Integer, primary_key=True, index=True),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in (*sums, *unfit)),
        sa.Column("ahead_ms", sa.BigInteger),
    )
