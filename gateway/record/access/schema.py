"""Tables of keys, and of sessions. Times are UTC in milliseconds since 1970."""

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
    sa.Column("digest_ha1", sa.LargeBinary),
)
"""Keys: `digest` is the SHA-256 of the secret, and `digest_ha1` what HTTP digest authentication
needs, where the key is made for that. One that is not for stores `everywhere` is for those of
`access_key_stores`, and for none where there are none."""

access_key_stores = sa.Table(
    "access_key_stores",
    metadata,
    sa.Column("id", sa.Text, sa.ForeignKey("access_keys.id"), primary_key=True),
    sa.Column("store", sa.Text, primary_key=True),
)
"""Which stores a key is for: in rows, so that a store that is renamed keeps its keys."""

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("key_id", sa.Text, sa.ForeignKey("access_keys.id")),
    sa.Column("subject", sa.Text),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("everywhere", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("address", sa.Text),
    sa.Column("last_used_at", sa.BigInteger),
)
"""People who signed in: `digest` is the SHA-256 of what their browser sends. They did so by a key,
or are the `subject` of whoever vouched for them. `everywhere` is as it is with keys."""

session_stores = sa.Table(
    "session_stores",
    metadata,
    sa.Column("digest", sa.LargeBinary, sa.ForeignKey("sessions.digest"), primary_key=True),
    sa.Column("store", sa.Text, primary_key=True),
)
"""Which stores a session is for."""
