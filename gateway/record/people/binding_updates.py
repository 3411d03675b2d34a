"""The outbox of bindings: FaceIds whose shard has to learn which member they are bound to.

Rows are written in the transaction that decides it. The binding is read when it is delivered, so
that the latest decision counts, whatever the order of delivery.
"""

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from contract.messages.shard_updates import Binding
from gateway.record.people.schema import face_tasks, identities, members
from gateway.record.upsert import insert_into


class PendingBinding(NamedTuple):
    """A FaceId whose binding is undelivered; `version` grows with every decision."""

    store: str
    face_id: str
    version: int


def enqueue_bindings(connection: sa.Connection, faces: Iterable[tuple[str, str]], now: int) -> None:
    """Enqueue these FaceIds, or count up the version of those that wait already."""
    for store, face_id in sorted(set(faces)):
        statement = insert_into(connection, face_tasks).values(
            store=store, face_id=face_id, version=1, at=now
        )
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[face_tasks.c.store, face_tasks.c.face_id],
                set_={"version": face_tasks.c.version + 1, "at": now},
            )
        )


def pending_bindings(connection: sa.Connection, store: str, limit: int) -> list[PendingBinding]:
    """Return the first `limit` undelivered bindings of a store."""
    columns = (face_tasks.c[name] for name in PendingBinding._fields)
    query = sa.select(*columns).where(face_tasks.c.store == store).order_by(face_tasks.c.at)
    return [PendingBinding(*row) for row in connection.execute(query.limit(limit))]


def stores_with_pending_bindings(connection: sa.Connection) -> list[str]:
    """Return the stores with undelivered bindings."""
    return list(connection.scalars(sa.select(face_tasks.c.store).distinct()))


def current_binding(connection: sa.Connection, store: str, face_id: str) -> Binding | None:
    """Return the binding of a FaceId now, or None when it is bound to nobody."""
    query = (
        sa.select(members.c.member_id, members.c.cross_store)
        .join(identities, identities.c.person == members.c.person)
        .where(identities.c.store == store, identities.c.face_id == face_id)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return Binding(member_id=row.member_id, cross_store=row.cross_store is not False)


def delete_pending_binding(connection: sa.Connection, task: PendingBinding) -> None:
    """Delete a delivered row, unless another decision was made meanwhile."""
    mine = (
        (face_tasks.c.store == task.store)
        & (face_tasks.c.face_id == task.face_id)
        & (face_tasks.c.version == task.version)
    )
    connection.execute(sa.delete(face_tasks).where(mine))
