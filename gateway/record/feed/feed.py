"""Reading the outbox, the table `events`, in order: for live feeds and webhooks.

An event names a visit, whose card is looked up when the event is read: a reader that catches up
gets nothing of somebody who was erased meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from contract.messages.live import (
    CameraEvent,
    GoneEvent,
    MemberEvent,
    Present,
    VisitCard,
    VisitEvent,
)
from gateway.clock.clock import iso
from gateway.record.feed.position import Position
from gateway.record.feed.schema import events
from gateway.record.scope import CHAIN
from gateway.record.visits.cards import cards_between, cards_of, one_a_person

SKEW_MS = 60_000
"""By how much the clocks of gateways may differ."""


@dataclass(frozen=True)
class FeedEvent:
    """One event as readers get it; `store` is `CHAIN` for what concerns every store.

    Of a visit `left` is the camera that had seen its person last before this one.
    """

    seq: int
    store: str
    name: Literal["visit", "gone", "member", "camera"]
    message: VisitEvent | GoneEvent | MemberEvent | CameraEvent
    left: str | None = None


def events_after(
    connection: sa.Connection, positions: Mapping[str, int], limit: int
) -> list[FeedEvent]:
    """Return the events after `positions`, a number for each store, in their order."""
    wanted = [
        sa.and_(events.c.store == store, events.c.seq > seq) for store, seq in positions.items()
    ]
    query = sa.select(events).where(sa.or_(sa.false(), *wanted)).order_by(events.c.seq)
    rows = connection.execute(query.limit(limit)).all()
    cards = cards_of(connection, {row.payload["visit"] for row in rows if "visit" in row.payload})
    return [_feed_event(row, cards) for row in rows]


def _feed_event(row: sa.Row[Any], cards: Mapping[int, VisitCard]) -> FeedEvent:
    subject, _, change = row.kind.partition(".")
    at = iso(row.at)
    if subject == "camera":
        camera = row.payload["camera"]
        told = CameraEvent(change=change, store=row.store, camera=camera, at=at)
        return FeedEvent(row.seq, row.store, "camera", told)
    if subject != "visit":
        return FeedEvent(row.seq, row.store, "member", MemberEvent(kind=row.kind, at=at))
    card = cards.get(row.payload["visit"])
    if card is None or card.is_nobody:
        gone = GoneEvent(store=row.store, visit=str(row.payload["visit"]), at=at)
        return FeedEvent(row.seq, row.store, "gone", gone)
    replaces = row.payload.get("replaces")
    message = VisitEvent(
        change=change, at=at, card=card, replaces=None if replaces is None else str(replaces)
    )
    return FeedEvent(row.seq, row.store, "visit", message, row.payload.get("left"))


def latest_position(connection: sa.Connection, store: str) -> Position:
    """Return the position after the newest events of a store and of the chain."""
    return Position(_latest_seq_of(connection, store), _latest_seq_of(connection, CHAIN))


def _latest_seq_of(connection: sa.Connection, store: str) -> int:
    query = sa.select(sa.func.max(events.c.seq)).where(events.c.store == store)
    return connection.execute(query).scalar() or 0


def is_retained(connection: sa.Connection, position: Position) -> bool:
    """Say whether no event after `position` was deleted, and `position` is of this record."""
    oldest = connection.execute(sa.select(sa.func.min(events.c.seq))).scalar()
    if oldest is None:
        return position == Position(0, 0)
    last = latest_seq(connection)
    return all(oldest - 1 <= seq <= last for seq in position if seq) and (
        any(position) or oldest == 1
    )


def latest_seq(connection: sa.Connection) -> int:
    """Return the number of the newest event, 0 when there was none."""
    return connection.execute(sa.select(sa.func.max(events.c.seq))).scalar() or 0


def present(
    connection: sa.Connection,
    store: str,
    gap_seconds: float,
    now: int,
    *,
    camera: str | None = None,
    seconds: float | None = None,
) -> Present:
    """Return the visits in `store` that the moment `now` is part of, those that began last first.

    With `seconds` those alone that were seen so shortly before. With a `camera` those alone that it
    was the last to see, who was seen last first.
    """
    position = latest_position(connection, store)
    since = now - round(min(gap_seconds, seconds or gap_seconds) * 1000)
    cards = one_a_person(cards_between(connection, store, since, now + SKEW_MS, camera))
    if camera is not None:
        cards.sort(key=lambda card: card.last_at, reverse=True)
    return Present(
        store=store,
        now=iso(now),
        position=str(position),
        visit_gap_seconds=gap_seconds,
        visits=cards,
    )


def prune(connection: sa.Connection, before: int, limit: int) -> int:
    """Delete events older than the moment `before`, but never the newest one; return how many.

    Only the oldest go, with no gap: `is_retained` can tell by what is left.
    """
    first_kept = sa.select(sa.func.min(events.c.seq)).where(events.c.at >= before).scalar_subquery()
    newest_one = sa.select(sa.func.max(events.c.seq)).scalar_subquery()
    end = connection.execute(sa.select(sa.func.coalesce(first_kept, newest_one))).scalar()
    old = sa.select(events.c.seq).where(events.c.seq < (end or 0)).order_by(events.c.seq)
    deleted = sa.delete(events).where(events.c.seq.in_(old.limit(limit)))
    return connection.execute(deleted).rowcount
