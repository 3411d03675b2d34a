"""Which visit a template was learned from; those that were enrolled or minted are from none."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns."""
    for table in ("templates", "set_aside"):
        op.add_column(table, sa.Column("learned_from", sa.Text))
    op.create_index("ix_templates_learned_from", "templates", ["learned_from"])
