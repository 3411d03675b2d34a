"""Tables of keys. Times are UTC in milliseconds since 1970."""

import sqlalchemy as sa

from gateway.record.metadata import metadata

access_keys = sa.Table(
    "access_keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("everywhere", sa.Boolean, nullable=False),
    sa.Column("names", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("revoked_at", sa.BigInteger),
    sa.Column("last_used_at", sa.BigInteger),
)
"""Keys: `digest` is the SHA-256 of the secret. One that is not for stores `everywhere` is for those
of `access_key_stores`, and for none where there are none."""

access_key_stores = sa.Table(
    "access_key_stores",
    metadata,
    sa.Column("id", sa.Text, sa.ForeignKey("access_keys.id"), primary_key=True),
    sa.Column("store", sa.Text, primary_key=True),
)
"""Which stores a key is for: in rows, so that a store that is renamed keeps its keys."""
