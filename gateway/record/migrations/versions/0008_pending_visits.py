"""Visits of tracks that are not named yet, with what they wait for a FaceId with.

Gateways of older releases that run beside this one name each stranger at once: they neither read
nor write the table, and a pending visit whose track they name themselves has a FaceId from then on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the table."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "pending_visits",
        sa.Column("visit", number, primary_key=True, autoincrement=False),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("frames", sa.Integer, nullable=False),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False, index=True),
    )
