"""How many faces nobody would know again.

Gateways of older releases that run beside this one, on the same PostgreSQL, count none.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "unfit_faces",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("hour", sa.Integer, primary_key=True),
        sa.Column("camera", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, primary_key=True),
        sa.Column("faces", sa.BigInteger, nullable=False),
    )
