"""Receipts found again: by whom they are about, by a store, or because somebody is waited for."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contract.messages.erasures import ErasurePage, ErasureSummary
from gateway.clock.clock import iso
from gateway.record.people.schema import erasure_parts, erasures


@dataclass(frozen=True)
class ReceiptQuery:
    """A search for erasures: the first `limit` after the erasure `after`, the last of them first.

    Of those of a member, of a FaceId, of a store; of those that every shard has confirmed, or not.
    """

    member_id: str | None = None
    store: str | None = None
    face_id: str | None = None
    complete: bool | None = None
    after: str | None = None
    limit: int = 100


def search_receipts(connection: sa.Connection, asked: ReceiptQuery) -> ErasurePage:
    """Return a page of the erasures that a query selects; none after one that is not there."""
    ordered = _selected(asked).order_by(erasures.c.requested_at.desc(), erasures.c.erasure.desc())
    rows = connection.execute(ordered.limit(asked.limit + 1)).all()
    page = rows[: asked.limit]
    waiting = _waiting(connection, [row.erasure for row in page if row.completed_at is None])
    return ErasurePage(
        erasures=[
            ErasureSummary(
                erasure=row.erasure,
                cause=row.cause,
                member_id=row.member_id,
                requested_at=iso(row.requested_at),
                completed_at=None if row.completed_at is None else iso(row.completed_at),
                complete=row.completed_at is not None,
                waiting_for=waiting.get(row.erasure, []),
            )
            for row in page
        ],
        next_after=page[-1].erasure if len(rows) > asked.limit else None,
    )


def _selected(asked: ReceiptQuery) -> sa.Select[Any]:
    query = sa.select(erasures)
    if asked.member_id is not None:
        query = query.where(erasures.c.member_id == asked.member_id)
    if asked.complete is not None:
        done = erasures.c.completed_at.is_not(None)
        query = query.where(done if asked.complete else ~done)
    about = [
        column == value
        for column, value in (
            (erasure_parts.c.store, asked.store),
            (erasure_parts.c.face_id, asked.face_id),
        )
        if value is not None
    ]
    if about:
        query = query.where(
            erasures.c.erasure.in_(sa.select(erasure_parts.c.erasure).where(*about))
        )
    if asked.after is not None:
        last = sa.select(erasures.c.requested_at).where(erasures.c.erasure == asked.after)
        at = last.scalar_subquery()
        earlier = (erasures.c.requested_at == at) & (erasures.c.erasure < asked.after)
        query = query.where((erasures.c.requested_at < at) | earlier)
    return query


def _waiting(connection: sa.Connection, open_erasures: list[str]) -> dict[str, list[str]]:
    """Return the stores that have not confirmed, of each of some erasures."""
    query = (
        sa.select(erasure_parts.c.erasure, erasure_parts.c.store)
        .where(erasure_parts.c.erasure.in_(open_erasures), erasure_parts.c.confirmed_at.is_(None))
        .distinct()
        .order_by(erasure_parts.c.store)
    )
    stores: dict[str, list[str]] = {}
    for erasure, store in connection.execute(query):
        stores.setdefault(erasure, []).append(store)
    return stores
