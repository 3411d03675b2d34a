"""How many frames a template is fused from: strangers come nearer to those of several."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns; what is there is taken for one picture each, as it was until now."""
    for table in ("templates", "set_aside"):
        op.add_column(table, sa.Column("frames", sa.Integer, nullable=False, server_default="1"))
