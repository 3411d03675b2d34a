"""Where a visit's person was seen last.

Gateways of older releases that run beside this one, on the same PostgreSQL, leave them as they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the columns; visits of before say no more than by which camera they began."""
    op.add_column("visits", sa.Column("last_camera", sa.Text))
    op.add_column("visits", sa.Column("last_camera_at", sa.BigInteger))
