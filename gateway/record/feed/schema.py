"""Tables of events, and of those who read them. Times are UTC in milliseconds since 1970."""

import sqlalchemy as sa

from gateway.record.metadata import Number, metadata
from service.sealed_columns import SealedText

events = sa.Table(
    "events",
    metadata,
    sa.Column("seq", Number, primary_key=True),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Index("events_of_store", "store", "seq"),
    sqlite_autoincrement=True,
)
"""What happened, written with what it tells: the outbox of live feeds and webhooks.

`seq` grows within a store (see store_locks); `store` is empty for what concerns the whole chain.
"""

webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("webhook", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", SealedText, nullable=False),
    sa.Column("store", sa.Text),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)
"""Receivers of events: of one store, or of all when `store` is null."""

webhook_cursors = sa.Table(
    "webhook_cursors",
    metadata,
    sa.Column("webhook", sa.Text, sa.ForeignKey("webhooks.webhook"), primary_key=True),
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("seq", Number, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", sa.BigInteger, nullable=False),
    sa.Column("last_error", sa.Text),
)
"""The last event of each store that a receiver has confirmed."""
