"""Webhooks, and their cursors: the last event of each store that a receiver has confirmed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gateway.record.feed.feed import latest_position
from gateway.record.feed.schema import webhook_cursors, webhooks
from gateway.record.scope import CHAIN
from gateway.record.upsert import insert_into

BROKER = "MQTT broker"
"""Under which name the MQTT broker gets events: no webhook is called so, for the space in it."""
_cursor = webhook_cursors.c


@dataclass(frozen=True)
class Webhook:
    """Where events go: those of `store`, or all."""

    webhook: str
    url: str
    secret: str
    store: str | None


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


def keep_broker(
    connection: sa.Connection, url: str | None, stores: Iterable[str], now: int
) -> None:
    """Have the broker at `url` get the events from now on, or none where it is None."""
    known = find_webhook(connection, BROKER)
    if url is None:
        if known is not None:
            delete_webhook(connection, BROKER)
    else:
        put_webhook(connection, Webhook(BROKER, url, "", None), stores, now)


def find_webhook(connection: sa.Connection, webhook: str) -> Webhook | None:
    """Return the webhook, if there is one."""
    query = sa.select(*webhook_columns()).where(webhooks.c.webhook == webhook)
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


def webhook_columns() -> list[sa.Column[Any]]:
    return [webhooks.c.webhook, webhooks.c.url, webhooks.c.secret, webhooks.c.store]
