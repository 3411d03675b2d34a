"""From where people signed in, and when their sessions were last used.

Gateways of older releases that run beside this one, on the same PostgreSQL, note neither.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add both to sessions."""
    op.add_column("sessions", sa.Column("address", sa.Text))
    op.add_column("sessions", sa.Column("last_used_at", sa.BigInteger))
