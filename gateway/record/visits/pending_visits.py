"""Visits that wait for a FaceId: what is known of each, until its track is named."""

from typing import NamedTuple

import sqlalchemy as sa

from gateway.record.people.schema import persons
from gateway.record.prepared import Prepared
from gateway.record.visits.schema import pending_visits, visits

_LATEST = 3_600_000
"""Milliseconds: what is due later than that was stored by a clock that has been set back."""


class PendingVector(NamedTuple):
    """What a track shows that is not named yet: a little-endian float32 `vector` of `model`.

    It is fused from `frames` pictures. `provisional`: not every store has said whether it knows the
    person.
    """

    vector: bytes
    model: str
    frames: int
    provisional: bool


class DueVisit(NamedTuple):
    """A pending visit whose track has gone quiet."""

    visit: int
    pending: PendingVector


def keep_pending(
    connection: sa.Connection, visit: int, store: str, pending: PendingVector, due_at: int
) -> None:
    """Store what a track shows by now: of its frames, in whatever order they come, the most."""
    values = pending._asdict()
    before = _PENDING.first(connection, {"number": visit})
    if before is None:
        _INSERT.run(connection, {"visit": visit, "store": store, "due_at": due_at, **values})
        return
    more = values if pending.frames >= before.frames else {}
    _CHANGE.run(connection, {"number": visit, "due_at": due_at, **more})


def is_pending(connection: sa.Connection, visit: int) -> bool:
    """Say whether a visit waits for a FaceId."""
    return _PENDING.first(connection, {"number": visit}) is not None


def delete_pending(connection: sa.Connection, visit: int) -> None:
    """Delete what a visit waits with."""
    _DELETE.run(connection, {"number": visit})


def settle_pending(connection: sa.Connection, visit: int, person: int) -> None:
    """Delete what a visit waited with, and the person that it had of its own: it is named."""
    delete_pending(connection, visit)
    connection.execute(sa.delete(persons).where(persons.c.person == person))


def delete_pending_of(connection: sa.Connection, person: int) -> None:
    """Delete what the visits of a person wait with."""
    theirs = sa.select(visits.c.visit).where(visits.c.person == person)
    connection.execute(sa.delete(pending_visits).where(pending_visits.c.visit.in_(theirs)))


def stores_with_due_visits(connection: sa.Connection, now: int) -> list[str]:
    """Return the stores with visits that are to be named."""
    return [row.store for row in _STORES.all(connection, _at(now))]


def take_due_visits(
    connection: sa.Connection, store: str, *, now: int, again_at: int, limit: int
) -> list[DueVisit]:
    """Return some visits of a store that are to be named, those that wait longest first.

    They are due once more at `again_at`, unless they are named by then; nobody else gets them
    meanwhile. Who is a stranger by then may have become known elsewhere: they are provisional.
    """
    due = sa.select(pending_visits).where(pending_visits.c.store == store, _is_due())
    first = due.order_by(pending_visits.c.due_at).limit(limit)
    rows = connection.execute(first.with_for_update(skip_locked=True), _at(now)).all()
    taken = pending_visits.c.visit.in_([row.visit for row in rows])
    again = sa.update(pending_visits).where(taken).values(due_at=again_at, provisional=True)
    connection.execute(again)
    return [
        DueVisit(
            row.visit, PendingVector(bytes(row.vector), row.model, row.frames, row.provisional)
        )
        for row in rows
    ]


def _is_due() -> sa.ColumnElement[bool]:
    due_at = pending_visits.c.due_at
    return (due_at <= sa.bindparam("now")) | (due_at > sa.bindparam("latest"))


def _at(now: int) -> dict[str, int]:
    return {"now": now, "latest": now + _LATEST}


_IS_IT = pending_visits.c.visit == sa.bindparam("number")
_PENDING = Prepared(sa.select(pending_visits.c.frames).where(_IS_IT))
_INSERT = Prepared(sa.insert(pending_visits))
_CHANGE = Prepared(sa.update(pending_visits).where(_IS_IT))
_DELETE = Prepared(sa.delete(pending_visits).where(_IS_IT))
_STORES = Prepared(sa.select(pending_visits.c.store).where(_is_due()).distinct())
