"""The outbox of bindings: FaceIds whose shard has to learn which member they are bound to.

Rows are written in the transaction that decides it. The binding is read when it is delivered, so
that the latest decision counts, whatever the order of delivery.
"""

from collections.abc import Iterable, Sequence
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
    rows = [
        {"store": store, "face_id": face_id, "version": 1, "at": now}
        for store, face_id in sorted(set(faces))
    ]
    if not rows:
        return
    statement = insert_into(connection, face_tasks)
    counted_up = statement.on_conflict_do_update(
        index_elements=[face_tasks.c.store, face_tasks.c.face_id],
        set_={"version": face_tasks.c.version + 1, "at": statement.excluded.at},
    )
    connection.execute(counted_up, rows)


def pending_bindings(connection: sa.Connection, store: str, limit: int) -> list[PendingBinding]:
    """Return the first `limit` undelivered bindings of a store."""
    columns = (face_tasks.c[name] for name in PendingBinding._fields)
    query = sa.select(*columns).where(face_tasks.c.store == store).order_by(face_tasks.c.at)
    return [PendingBinding(*row) for row in connection.execute(query.limit(limit))]


def stores_with_pending_bindings(connection: sa.Connection) -> list[str]:
    """Return the stores with undelivered bindings."""
    return list(connection.scalars(sa.select(face_tasks.c.store).distinct()))


def current_bindings(
    connection: sa.Connection, tasks: Sequence[PendingBinding]
) -> dict[str, Binding | None]:
    """Return whose the FaceIds of one store are now, by their names; None: nobody's."""
    bound: dict[str, Binding | None] = dict.fromkeys(task.face_id for task in tasks)
    query = (
        sa.select(identities.c.face_id, members.c.member_id, members.c.cross_store)
        .join(members, members.c.person == identities.c.person)
        .where(identities.c.store.in_({task.store for task in tasks}))
        .where(identities.c.face_id.in_(bound))
    )
    for face_id, member_id, cross_store in connection.execute(query):
        bound[face_id] = Binding(member_id=member_id, cross_store=cross_store is not False)
    return bound


def delete_pending_bindings(connection: sa.Connection, tasks: Sequence[PendingBinding]) -> None:
    """Delete delivered rows, but for those about which another decision was made meanwhile."""
    delivered = sa.delete(face_tasks).where(
        *(face_tasks.c[name] == sa.bindparam(f"of_{name}") for name in PendingBinding._fields)
    )
    rows = [{f"of_{name}": value for name, value in task._asdict().items()} for task in tasks]
    connection.execute(delivered, rows)
