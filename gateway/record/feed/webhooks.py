"""Webhooks and how far each has been told, store by store.

A gateway that delivers holds a cursor by putting its `next_at` into the near future. One that is
killed meanwhile loses that hold by itself: then what was not confirmed is told again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contract.messages.webhooks import WebhookStatus
from gateway.clock.clock import iso
from gateway.record.feed.feed import Told, is_kept, newest, told_after
from gateway.record.feed.position import Position
from gateway.record.insertion import insert
from gateway.record.schema import events, webhook_cursors, webhooks
from gateway.record.scope import CHAIN

_LONGEST_WAIT = 3_600_000
"""Milliseconds; no next try, and no gateway's hold, is further away."""
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
    """Events of one store that one webhook has not confirmed, held for delivery."""

    webhook: Webhook
    store: str
    seq: int
    attempts: int
    gap: bool
    told: list[Told]


@dataclass(frozen=True)
class Settlement:
    """How far a batch was confirmed, and when and why to try again."""

    seq: int
    attempts: int
    next_at: int
    error: str | None


def put_webhook(connection: sa.Connection, given: Webhook, stores: Iterable[str], now: int) -> None:
    """Store a webhook, which is told what happens from now on; one that is there goes on."""
    values = {"url": given.url, "secret": given.secret, "store": given.store}
    statement = insert(connection, webhooks).values(webhook=given.webhook, created_at=now, **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[webhooks.c.webhook], set_=values)
    )
    starts = {s: newest(connection, s).store for s in stores if _wants(given.store, s)}
    _add_cursors(connection, given.webhook, starts)


def find_webhook(connection: sa.Connection, webhook: str) -> Webhook | None:
    """Return the webhook, if there is one."""
    query = sa.select(*_columns()).where(webhooks.c.webhook == webhook)
    row = connection.execute(query).first()
    return None if row is None else Webhook(**row._asdict())


def delete_webhook(connection: sa.Connection, webhook: str) -> None:
    """Delete the webhook, if there is one."""
    connection.execute(sa.delete(webhook_cursors).where(_cursor.webhook == webhook))
    connection.execute(sa.delete(webhooks).where(webhooks.c.webhook == webhook))


def follow_stores(connection: sa.Connection, stores: Iterable[str]) -> None:
    """Give every webhook a cursor for each of `stores` that is new: everything of it is told."""
    rows = connection.execute(sa.select(webhooks.c.webhook, webhooks.c.store)).all()
    for name, only in rows:
        _add_cursors(connection, name, {s: 0 for s in stores if _wants(only, s)})


def _wants(only: str | None, store: str) -> bool:
    return only is None or store in {only, CHAIN}


def _add_cursors(connection: sa.Connection, webhook: str, starts: dict[str, int]) -> None:
    for store, seq in starts.items():
        statement = insert(connection, webhook_cursors).values(
            webhook=webhook, store=store, seq=seq, attempts=0, next_at=0
        )
        connection.execute(statement.on_conflict_do_nothing())


def due(connection: sa.Connection, now: int) -> list[tuple[str, str]]:
    """Return the (webhook, store) pairs that have something to be told now."""
    query = (
        sa.select(_cursor.webhook, _cursor.store)
        .join(webhooks)
        .where(_is_time(now), _is_wanted(), _has_pending())
    )
    return [(webhook, store) for webhook, store in connection.execute(query)]


def _is_time(now: int) -> sa.ColumnElement[bool]:
    """Select what may be tried; a next try far ahead is of a clock that was."""
    return (_cursor.next_at <= now) | (_cursor.next_at > now + _LONGEST_WAIT)


def claim(
    connection: sa.Connection, webhook: str, store: str, *, now: int, until: int, limit: int
) -> Batch | None:
    """Hold the pair until the moment `until`, and return what to tell; None if others hold it."""
    held = (
        sa.update(webhook_cursors)
        .where(_cursor.webhook == webhook, _cursor.store == store, _is_time(now))
        .values(next_at=until)
        .returning(_cursor.seq, _cursor.attempts)
    )
    row = connection.execute(held).first()
    found = find_webhook(connection, webhook)
    if row is None or found is None:
        return None
    told = told_after(connection, {store: row.seq}, limit)
    gap = row.attempts > 0 and not is_kept(connection, Position(row.seq, 0))
    return Batch(found, store, row.seq, row.attempts, gap, told)


def settle(connection: sa.Connection, batch: Batch, outcome: Settlement) -> None:
    """Keep how far a held batch was confirmed, and let go of it."""
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
    """Return every webhook and how it is doing."""
    rows = connection.execute(sa.select(*_columns()).order_by(webhooks.c.webhook)).all()
    return [_status(connection, Webhook(**row._asdict())) for row in rows]


def _status(connection: sa.Connection, webhook: Webhook) -> WebhookStatus:
    of_it = (
        sa.select(webhook_cursors)
        .join(webhooks)
        .where(_cursor.webhook == webhook.webhook, _is_wanted(), _has_pending())
    )
    cursors = connection.execute(of_it.order_by(_cursor.attempts.desc())).all()
    failing = [cursor for cursor in cursors if cursor.attempts]
    return WebhookStatus(
        webhook=webhook.webhook,
        url=webhook.url,
        store=webhook.store,
        pending=sum(_pending(connection, cursor) for cursor in cursors),
        failing_stores=len(failing),
        attempts=failing[0].attempts if failing else 0,
        next_try_at=iso(min(cursor.next_at for cursor in failing)) if failing else None,
        error=failing[0].last_error if failing else None,
    )


def _pending(connection: sa.Connection, cursor: sa.Row[Any]) -> int:
    some = sa.select(events.c.seq).where(events.c.store == cursor.store, events.c.seq > cursor.seq)
    counted = sa.select(sa.func.count()).select_from(some.limit(MOST_COUNTED).subquery())
    return connection.execute(counted).scalar_one()


def _columns() -> list[sa.Column[Any]]:
    return [webhooks.c.webhook, webhooks.c.url, webhooks.c.secret, webhooks.c.store]


def _is_wanted() -> sa.ColumnElement[bool]:
    """The webhook asked for the cursor's store: for this one, or for all."""
    return webhooks.c.store.is_(None) | _cursor.store.in_([webhooks.c.store, CHAIN])


def _has_pending() -> sa.ColumnElement[bool]:
    return sa.exists().where(events.c.store == _cursor.store, events.c.seq > _cursor.seq)
