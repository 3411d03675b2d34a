"""The status of every webhook: what is undelivered, and what failed."""

from typing import Any

import sqlalchemy as sa

from contract.messages.webhooks import WebhookStatus
from gateway.clock.clock import iso
from gateway.record.feed.deliveries import has_undelivered, is_followed
from gateway.record.feed.schema import events, webhook_cursors, webhooks
from gateway.record.feed.webhooks import Webhook, webhook_columns

MOST_COUNTED = 10_000
_cursor = webhook_cursors.c


def statuses(connection: sa.Connection) -> list[WebhookStatus]:
    """Return the status of every webhook."""
    rows = connection.execute(sa.select(*webhook_columns()).order_by(webhooks.c.webhook)).all()
    return [_status(connection, Webhook(**row._asdict())) for row in rows]


def _status(connection: sa.Connection, webhook: Webhook) -> WebhookStatus:
    of_it = (
        sa.select(webhook_cursors)
        .join(webhooks)
        .where(_cursor.webhook == webhook.webhook, is_followed(), has_undelivered())
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
