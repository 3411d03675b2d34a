"""The audit trail; and erasures found by whom they are about.

Gateways of older releases that run beside this one, on the same PostgreSQL, write no entries, and
erase nobody's name in those that there are: stop them first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the tables and the index."""
    op.create_table(
        "audit",
        sa.Column("writer", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
        sa.Column("who", sa.Text),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("store", sa.Text),
        sa.Column("entry", sa.Text, nullable=False),
    )
    op.create_table(
        "audit_subjects",
        sa.Column("writer", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("store", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("salt", sa.Text),
        sa.Column("said", sa.Text),
        sa.Column("erasure", sa.Text),
        sa.ForeignKeyConstraint(["writer", "number"], ["audit.writer", "audit.number"]),
        sa.CheckConstraint("kind IN ('member', 'face')", name="known_kind"),
    )
    op.create_index("audit_of_subject", "audit_subjects", ["name", "store"])
    op.create_index("audit_of_erasure", "audit_subjects", ["erasure"])
    op.create_index("erasure_parts_of_face", "erasure_parts", ["store", "face_id"])
