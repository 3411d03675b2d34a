"""Keys of cameras that know HTTP digest authentication alone.

Gateways of older releases that run beside this one, on the same PostgreSQL, do not take them so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add what that authentication needs of a key."""
    op.add_column("access_keys", sa.Column("digest_ha1", sa.LargeBinary))
