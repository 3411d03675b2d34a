"""Events, written in the transaction of what they tell."""

from typing import Any

import sqlalchemy as sa

from gateway.record.prepared import Prepared
from gateway.record.schema import events

_ADD = Prepared(sa.insert(events))


def add_event(
    connection: sa.Connection, store: str, kind: str, at: int, payload: dict[str, Any]
) -> None:
    """Add an event of a store, or of the chain when `store` is empty.

    The payload names rows by their numbers and repeats nothing personal: whoever reads it looks up
    what is known then, and nothing has to be erased here. Lock the store's order before.
    """
    values = {"store": store, "kind": kind, "at": at, "payload": payload}
    _ADD.run(connection, values)
