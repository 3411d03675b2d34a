"""What was seen of the clock: by that a gateway that starts knows how long none has run."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "clock",
        sa.Column("clock", sa.Integer, primary_key=True),
        sa.Column("believed", sa.BigInteger, nullable=False),
        sa.Column("shown", sa.BigInteger, nullable=False),
        sa.Column("stood", sa.BigInteger, nullable=False),
    )
