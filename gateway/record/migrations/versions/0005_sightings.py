"""Under which names the shards keep who was just seen in a visit."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column."""
    op.add_column("visits", sa.Column("sightings", sa.Text, nullable=False, server_default=""))
