"""Sessions of people who signed in to the pages, and which stores they are for.

Gateways of older releases that run beside this one, on the same PostgreSQL, know of no sessions.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("key_id", sa.Text, sa.ForeignKey("access_keys.id")),
        sa.Column("subject", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("everywhere", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "session_stores",
        sa.Column("digest", sa.LargeBinary, sa.ForeignKey("sessions.digest"), primary_key=True),
        sa.Column("store", sa.Text, primary_key=True),
    )
