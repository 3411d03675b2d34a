"""No index of templates by model: with one or two models it finds next to everything.

SQLite took it even where another index finds the one FaceId that is asked for, so that a start
took as long as the square of the faces.
"""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_templates_model", "templates")
