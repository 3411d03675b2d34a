"""First release: faces, templates, tombstones, sources and the store's sequence."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "meta",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("imported", sa.Boolean, nullable=False),
    )
    op.create_table(
        "faces",
        sa.Column("face_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("member_id", sa.Text),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.CheckConstraint("kind IN ('member', 'visitor')", name="known_kind"),
    )
    op.create_table(
        "templates",
        sa.Column("template_id", sa.Integer, primary_key=True),
        sa.Column("face_id", sa.Text, sa.ForeignKey("faces.face_id"), nullable=False, index=True),
        sa.Column("seq", sa.Integer, nullable=False, unique=True),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.Column("model", sa.Text, nullable=False, index=True),
        sa.Column("source", sa.Text, index=True),
        sa.Column("quality", sa.Float, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tombstones",
        sa.Column("template_id", sa.Integer, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False, unique=True),
    )
    op.create_table(
        "sources",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("face_id", sa.Text, nullable=False, index=True),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.CheckConstraint("outcome IN ('enrolled', 'refused', 'erased')", name="known_outcome"),
    )
