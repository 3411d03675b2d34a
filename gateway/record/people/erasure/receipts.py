"""Receipts of erasures: which stores and replicas have confirmed."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from contract.errors import NotFound
from contract.messages.erasures import ErasedFace, ErasureReceipt, ReplicaReached, StoreErasure
from gateway.clock.clock import iso
from gateway.record.people.erasure.erasures import ALL_FACES_OF_MEMBER
from gateway.record.people.schema import erasure_parts, erasures


def read_receipt(connection: sa.Connection, erasure: str) -> ErasureReceipt:
    """Return the receipt of an erasure. Raises NotFound."""
    row = connection.execute(sa.select(erasures).where(erasures.c.erasure == erasure)).first()
    if row is None:
        raise NotFound(f"there is no erasure {erasure[:64]!r}")
    parts: defaultdict[str, list[sa.Row[Any]]] = defaultdict(list)
    query = sa.select(erasure_parts).where(erasure_parts.c.erasure == erasure)
    for part in connection.execute(query.order_by(erasure_parts.c.store, erasure_parts.c.face_id)):
        parts[part.store].append(part)
    return ErasureReceipt(
        erasure=erasure,
        cause=row.cause,
        member_id=row.member_id,
        requested_at=iso(row.requested_at),
        completed_at=None if row.completed_at is None else iso(row.completed_at),
        complete=row.completed_at is not None,
        stores=[_store_receipt(store, rows) for store, rows in parts.items()],
    )


def _store_receipt(store: str, rows: Sequence[sa.Row[Any]]) -> StoreErasure:
    confirmed = all(row.confirmed_at is not None for row in rows)
    said: dict[str, Any] = next((row.confirmation for row in rows if row.confirmation), {})
    return StoreErasure(
        store=store,
        confirmed=confirmed,
        confirmed_at=iso(max(row.confirmed_at for row in rows)) if confirmed else None,
        faces=[
            ErasedFace(face_id=row.face_id, templates=(row.confirmation or {}).get("templates", 0))
            for row in rows
            if row.face_id != ALL_FACES_OF_MEMBER
        ],
        seq=said.get("seq"),
        replicas=[ReplicaReached(**replica) for replica in said.get("replicas", [])],
        waiting_for=None if confirmed else said.get("waiting_for") or "not asked yet",
    )
