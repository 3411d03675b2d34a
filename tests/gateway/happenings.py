"""Visits and events as rows, for the tests of those who tell them."""

from typing import Any

import sqlalchemy as sa

from gateway.record.feed.schema import events
from gateway.record.people.schema import members, persons
from gateway.record.store_locks import lock_stores
from gateway.record.visits.schema import visits


def person(
    connection: sa.Connection, name: str | None = None, tags: list[str] | None = None
) -> int:
    """Add a visitor, or a member called `name`."""
    row = {"member": name is not None, "staff": False}
    key = connection.execute(sa.insert(persons).values(row)).inserted_primary_key
    assert key is not None
    number: int = key[0]
    if name is not None:
        card = {"member_id": f"m-{number}", "name": name, "tags": tags or [], "profile": {}}
        times = {"cross_store": True, "created_at": 0, "updated_at": 0}
        connection.execute(sa.insert(members).values({"person": number, **card, **times}))
    return number


def visit(connection: sa.Connection, who: int | None, store: str, at: int, **more: Any) -> int:
    """Add a visit of `who` that began at `at`; return its number."""
    row = {
        "store": store,
        "camera": "door",
        "person": who,
        "home_store": store,
        "face_id": f"f-{who}",
        "kind": "home",
        "score": 5.0,
        "provisional": False,
        "first_at": at,
        "last_at": at,
        "frames": 1,
        "hour": at // 3_600_000,
        "member": False,
        "counted": True,
        **more,
    }
    key = connection.execute(sa.insert(visits).values(row)).inserted_primary_key
    assert key is not None
    number: int = key[0]
    return number


def event(connection: sa.Connection, /, store: str, kind: str, at: int = 0, **payload: Any) -> int:
    """Add an event; return its number."""
    lock_stores(connection, store)
    row = {"store": store, "kind": kind, "at": at, "payload": payload}
    key = connection.execute(sa.insert(events).values(row)).inserted_primary_key
    assert key is not None
    number: int = key[0]
    return number


def arrival(connection: sa.Connection, store: str, at: int, name: str | None = None) -> int:
    """Add a person, their visit, and the event that tells it; return the event's number."""
    number = visit(connection, person(connection, name), store, at)
    return event(connection, store, "visit.opened", at, visit=number)
