"""What the agents beside cameras say of themselves.

Gateways of older releases that run beside this one, on the same PostgreSQL, note nothing here.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column."""
    op.add_column("cameras", sa.Column("agent_status", sa.JSON))
