"""How often two models of the store named the same people."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_COUNTS = ("compared", "same", "both_unknown", "first_only", "second_only", "different")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "agreements",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("second_model", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in _COUNTS),
    )
