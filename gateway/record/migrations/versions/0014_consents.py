"""Members' decisions about their consent."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_InOrder = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table; of consents that were given before, nobody noted when."""
    op.create_table(
        "consents",
        sa.Column(
            "member_id",
            _InOrder,
            sa.ForeignKey("members.member_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("at", sa.BigInteger, primary_key=True),
        sa.Column("cross_store", sa.Boolean),
        sa.Column("text", sa.Text),
        sa.Column("taken_by", sa.Text),
    )
