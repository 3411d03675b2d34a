"""Appending to the outbox, in the transaction of what the event is about."""

from typing import Any

import sqlalchemy as sa

from gateway.record.feed.schema import events
from gateway.record.prepared import Prepared

_ADD = Prepared(sa.insert(events))


def add_event(
    connection: sa.Connection, store: str, kind: str, at: int, payload: dict[str, Any]
) -> None:
    """Append an event of a store, or of `CHAIN`, at a time in milliseconds since 1970.

    The payload names rows by their keys and holds no personal data, so that an erasure has nothing
    to delete here. The store has to be locked before (see `store_locks`).
    """
    values = {"store": store, "kind": kind, "at": at, "payload": payload}
    _ADD.run(connection, values)
