"""Deliveries of events to webhooks: batches that one gateway at a time leases and confirms.

A gateway leases a cursor by putting its `next_at` into the near future. When it is killed the lease
expires, and what was not confirmed is delivered again.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from gateway.record.feed.feed import FeedEvent, events_after, is_retained
from gateway.record.feed.position import Position
from gateway.record.feed.schema import events, webhook_cursors, webhooks
from gateway.record.feed.webhooks import Webhook, find_webhook
from gateway.record.scope import CHAIN

_LONGEST_WAIT = 3_600_000
"""Milliseconds; no retry and no lease is further away."""
_cursor = webhook_cursors.c


@dataclass(frozen=True)
class Batch:
    """Events of one store that one webhook has not confirmed, leased for delivery."""

    webhook: Webhook
    store: str
    seq: int
    attempts: int
    gap: bool
    events: list[FeedEvent]


@dataclass(frozen=True)
class DeliveryOutcome:
    """The last confirmed event of a batch, and when and why to retry."""

    seq: int
    attempts: int
    next_at: int
    error: str | None


def due_cursors(connection: sa.Connection, now: int) -> list[tuple[str, str]]:
    """Return the (webhook, store) pairs with undelivered events that may be tried now."""
    query = (
        sa.select(_cursor.webhook, _cursor.store)
        .join(webhooks)
        .where(_is_due(now), is_followed(), has_undelivered())
    )
    return [(webhook, store) for webhook, store in connection.execute(query)]


def _is_due(now: int) -> sa.ColumnElement[bool]:
    """Select what may be tried; a `next_at` far ahead was written by a wrong clock."""
    return (_cursor.next_at <= now) | (_cursor.next_at > now + _LONGEST_WAIT)


def lease_batch(
    connection: sa.Connection, webhook: str, store: str, *, now: int, until: int, limit: int
) -> Batch | None:
    """Lease the pair until the moment `until`; return its events, None if it is leased already."""
    leased = (
        sa.update(webhook_cursors)
        .where(_cursor.webhook == webhook, _cursor.store == store, _is_due(now))
        .values(next_at=until)
        .returning(_cursor.seq, _cursor.attempts)
    )
    row = connection.execute(leased).first()
    found = find_webhook(connection, webhook)
    if row is None or found is None:
        return None
    pending = events_after(connection, {store: row.seq}, limit)
    gap = row.attempts > 0 and not is_retained(connection, Position(row.seq, 0))
    return Batch(found, store, row.seq, row.attempts, gap, pending)


def record_outcome(connection: sa.Connection, batch: Batch, outcome: DeliveryOutcome) -> None:
    """Store the outcome of a leased batch, and end the lease."""
    mine = sa.and_(
        _cursor.webhook == batch.webhook.webhook,
        _cursor.store == batch.store,
        _cursor.seq == batch.seq,
    )
    values = {
        "seq": outcome.seq,
        "attempts": outcome.attempts,
        "next_at": outcome.next_at,
        "last_error": outcome.error,
    }
    connection.execute(sa.update(webhook_cursors).where(mine).values(values))


def retry_now(connection: sa.Connection, webhook: str) -> None:
    """Let what has failed be tried at once: the receiver is known to be there again."""
    failed = sa.and_(_cursor.webhook == webhook, _cursor.attempts > 0)
    connection.execute(sa.update(webhook_cursors).where(failed).values(next_at=0))


def is_followed() -> sa.ColumnElement[bool]:
    """Select the cursors of the stores that their webhook is for."""
    return webhooks.c.store.is_(None) | _cursor.store.in_([webhooks.c.store, CHAIN])


def has_undelivered() -> sa.ColumnElement[bool]:
    return sa.exists().where(events.c.store == _cursor.store, events.c.seq > _cursor.seq)
