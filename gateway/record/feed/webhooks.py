"""Webhooks, and their cursors: the last event of each store that a receiver has confirmed.

A gateway that delivers leases a cursor by putting its `next_at` into the near future. When it is
killed the lease expires, and what was not confirmed is delivered again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contract.messages.webhooks import WebhookStatus
from gateway.clock.clock import iso
from gateway.record.feed.feed import FeedEvent, events_after, is_retained, latest_position
from gateway.record.feed.position import Position
from gateway.record.feed.schema import events, webhook_cursors, webhooks
from gateway.record.scope import CHAIN
from gateway.record.upsert import insert_into

_LONGEST_WAIT = 3_600_000
"""Milliseconds; no retry and no lease is further away."""
MOST_COUNTED = 10_000
_cursor = webhook_cursors.c


@dataclass(frozen=True)
class Webhook:
    """Where events go: those of `store`, or all."""

    webhook: str
    url: str
    secret: str
    store: str | None


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


def put_webhook(connection: sa.Connection, given: Webhook, stores: Iterable[str], now: int) -> None:
    """Insert a webhook, which gets the events from now on, or update it and keep its cursors."""
    values = {"url": given.url, "secret": given.secret, "store": given.store}
    statement = insert_into(connection, webhooks).values(
        webhook=given.webhook, created_at=now, **values
    )
    connection.execute(
        statement.on_conflict_do_update(index_elements=[webhooks.c.webhook], set_=values)
    )
    starts = {s: latest_position(connection, s).store for s in stores if _follows(given.store, s)}
    _add_cursors(connection, given.webhook, starts)


def find_webhook(connection: sa.Connection, webhook: str) -> Webhook | None:
    """Return the webhook, if there is one."""
    query = sa.select(*_webhook_columns()).where(webhooks.c.webhook == webhook)
    row = connection.execute(query).first()
    return None if row is None else Webhook(**row._asdict())


def delete_webhook(connection: sa.Connection, webhook: str) -> None:
    """Delete the webhook, if there is one."""
    connection.execute(sa.delete(webhook_cursors).where(_cursor.webhook == webhook))
    connection.execute(sa.delete(webhooks).where(webhooks.c.webhook == webhook))


def add_missing_cursors(connection: sa.Connection, stores: Iterable[str]) -> None:
    """Give every webhook a cursor for each of `stores` that is new, before its first event."""
    rows = connection.execute(sa.select(webhooks.c.webhook, webhooks.c.store)).all()
    for name, only in rows:
        _add_cursors(connection, name, {s: 0 for s in stores if _follows(only, s)})


def _follows(only: str | None, store: str) -> bool:
    return only is None or store in {only, CHAIN}


def _add_cursors(connection: sa.Connection, webhook: str, starts: dict[str, int]) -> None:
    for store, seq in starts.items():
        statement = insert_into(connection, webhook_cursors).values(
            webhook=webhook, store=store, seq=seq, attempts=0, next_at=0
        )
        connection.execute(statement.on_conflict_do_nothing())


def due_cursors(connection: sa.Connection, now: int) -> list[tuple[str, str]]:
    """Return the (webhook, store) pairs with undelivered events that may be tried now."""
    query = (
        sa.select(_cursor.webhook, _cursor.store)
        .join(webhooks)
        .where(_is_due(now), _is_wanted(), _has_undelivered())
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


def statuses(connection: sa.Connection) -> list[WebhookStatus]:
    """Return the status of every webhook."""
    rows = connection.execute(sa.select(*_webhook_columns()).order_by(webhooks.c.webhook)).all()
    return [_status(connection, Webhook(**row._asdict())) for row in rows]


def _status(connection: sa.Connection, webhook: Webhook) -> WebhookStatus:
    of_it = (
        sa.select(webhook_cursors)
        .join(webhooks)
        .where(_cursor.webhook == webhook.webhook, _is_wanted(), _has_undelivered())
    )
    cursors = connection.execute(of_it.order_by(_cursor.attempts.desc())).all()
    failing = [cursor for cursor in cursors if cursor.attempts]
    return WebhookStatus(
        webhook=webhook.webhook,
        url=webhook.url,
        store=webhook.store,
        pending=sum(_count_undelivered(connection, cursor) for cursor in cursors),
        failing_stores=len(failing),
        attempts=failing[0].attempts if failing else 0,
        next_try_at=iso(min(cursor.next_at for cursor in failing)) if failing else None,
        error=failing[0].last_error if failing else None,
    )


def _count_undelivered(connection: sa.Connection, cursor: sa.Row[Any]) -> int:
    some = sa.select(events.c.seq).where(events.c.store == cursor.store, events.c.seq > cursor.seq)
    counted = sa.select(sa.func.count()).select_from(some.limit(MOST_COUNTED).subquery())
    return connection.execute(counted).scalar_one()


def _webhook_columns() -> list[sa.Column[Any]]:
    return [webhooks.c.webhook, webhooks.c.url, webhooks.c.secret, webhooks.c.store]


def _is_wanted() -> sa.ColumnElement[bool]:
    """Select the cursors of the stores that their webhook is for."""
    return webhooks.c.store.is_(None) | _cursor.store.in_([webhooks.c.store, CHAIN])


def _has_undelivered() -> sa.ColumnElement[bool]:
    return sa.exists().where(events.c.store == _cursor.store, events.c.seq > _cursor.seq)
