"""What shards have still to erase, and what they have confirmed."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from contract.messages.erasures import StoreErasure
from contract.messages.shard_updates import EraseOrder
from gateway.record.audit.subject_names import redact
from gateway.record.people.erasure.erasures import ALL_FACES_OF_MEMBER
from gateway.record.people.schema import erasure_parts, erasures
from gateway.record.upsert import insert_if_absent, insert_into


class PendingErasure(NamedTuple):
    """The part of an erasure that a store's shard has not confirmed."""

    erasure: str
    order: EraseOrder


def stores_with_pending_erasures(connection: sa.Connection) -> list[str]:
    """Return the stores with unconfirmed erasures."""
    query = sa.select(erasure_parts.c.store).distinct()
    return list(connection.scalars(query.where(erasure_parts.c.confirmed_at.is_(None))))


def pending_erasures(connection: sa.Connection, store: str, limit: int) -> list[PendingErasure]:
    """Return the first `limit` unconfirmed parts of a store, grouped by erasure."""
    query = (
        sa.select(erasure_parts.c.erasure, erasure_parts.c.face_id, erasures.c.member_id)
        .join(erasures)
        .where(erasure_parts.c.store == store, erasure_parts.c.confirmed_at.is_(None))
        .order_by(erasures.c.requested_at, erasure_parts.c.erasure)
    )
    orders: dict[str, EraseOrder] = {}
    for erasure, face_id, member_id in connection.execute(query.limit(limit)):
        before = orders.get(erasure, EraseOrder())
        if face_id == ALL_FACES_OF_MEMBER:
            orders[erasure] = before.model_copy(update={"member_id": member_id})
        else:
            orders[erasure] = before.model_copy(update={"face_ids": [*before.face_ids, face_id]})
    return [PendingErasure(erasure, order) for erasure, order in orders.items()]


def store_confirmation(
    connection: sa.Connection, due: PendingErasure, confirmed: StoreErasure, now: int
) -> None:
    """Store a shard's answer; the erasure is complete once every part is confirmed.

    FaceIds of the member that only the shard knew become parts of the receipt.
    """
    asked = [*due.order.face_ids, *([ALL_FACES_OF_MEMBER] if due.order.member_id else [])]
    templates = {face.face_id: face.templates for face in confirmed.faces}
    confirmation = confirmed.model_dump(
        mode="json", exclude={"store", "confirmed", "confirmed_at", "faces"}
    )
    for name in dict.fromkeys([*asked, *templates]):
        key = {"erasure": due.erasure, "store": confirmed.store, "face_id": name}
        values = {
            "confirmed_at": now if confirmed.confirmed else None,
            "confirmation": {**confirmation, "templates": templates.get(name, 0)},
        }
        if name in asked:
            _update_part(connection, key, values)
        else:
            statement = insert_into(connection, erasure_parts).values(**key, **values)
            insert_if_absent(connection, statement)
            redact(connection, due.erasure, None, [(confirmed.store, name)])
    _complete_if_confirmed(connection, due.erasure, now)


def _update_part(
    connection: sa.Connection, key: Mapping[str, str], values: Mapping[str, Any]
) -> None:
    """Store a confirmation; a shard that is asked twice finds fewer templates the second time."""
    part = sa.and_(*(erasure_parts.c[name] == value for name, value in key.items()))
    before = connection.execute(sa.select(erasure_parts.c.confirmation).where(part)).scalar()
    confirmation = dict(values["confirmation"])
    if before:
        confirmation["templates"] = max(before.get("templates", 0), confirmation["templates"])
    pending = part & erasure_parts.c.confirmed_at.is_(None)  # two gateways may have asked at once
    update = sa.update(erasure_parts).where(pending)
    connection.execute(update.values({**values, "confirmation": confirmation}))


def _complete_if_confirmed(connection: sa.Connection, erasure: str, now: int) -> None:
    open_part = sa.exists().where(
        erasure_parts.c.erasure == erasure, erasure_parts.c.confirmed_at.is_(None)
    )
    this = (erasures.c.erasure == erasure) & erasures.c.completed_at.is_(None) & ~open_part
    connection.execute(sa.update(erasures).where(this).values(completed_at=now))
    row = connection.execute(sa.select(erasures).where(erasures.c.erasure == erasure)).one()
    if row.cause == "retention" and row.completed_at is not None:  # nobody asks for its receipt
        connection.execute(sa.delete(erasure_parts).where(erasure_parts.c.erasure == erasure))
        connection.execute(sa.delete(erasures).where(erasures.c.erasure == erasure))


def required_seqs(connection: sa.Connection, since: int) -> dict[str, int]:
    """Return by store the sequence number that replicas need, by the erasures since a moment."""
    query = sa.select(erasure_parts.c.store, erasure_parts.c.confirmation).where(
        erasure_parts.c.confirmed_at.is_(None) | (erasure_parts.c.confirmed_at >= since)
    )
    reached: dict[str, int] = {}
    for store, confirmation in connection.execute(query):
        if confirmation and confirmation.get("seq"):
            reached[store] = max(reached.get(store, 0), confirmation["seq"])
    return reached
