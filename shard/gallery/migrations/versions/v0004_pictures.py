"""Every content that a picture had, so that no import brings back who was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KNOWN = """
INSERT OR REPLACE INTO pictures (named, digest, face_id, template_id, erased)
SELECT face_id, digest, face_id,
    (SELECT template_id FROM templates
     WHERE templates.source = sources.source AND templates.face_id = sources.face_id),
    outcome = 'erased'
FROM sources WHERE digest != '' ORDER BY outcome = 'enrolled'
"""


def upgrade() -> None:
    """Add the table, with what is known by now."""
    op.create_table(
        "pictures",
        sa.Column("named", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("face_id", sa.Text, nullable=False, index=True),
        sa.Column("template_id", sa.Integer, index=True),
        sa.Column("erased", sa.Boolean, nullable=False),
    )
    op.execute(_KNOWN)
