"""The outbox of renames: FaceIds that their shard has to rename before the record follows."""

from typing import NamedTuple

import sqlalchemy as sa

from gateway.record.people.schema import renames


class FaceRename(NamedTuple):
    """A rename of a FaceId of a store. `refusal`: why its shard did not do it."""

    number: int
    store: str
    face_id: str
    name: str
    done_at: int | None
    refusal: str | None


def is_pending_rename() -> sa.ColumnElement[bool]:
    """Select the renames that are neither done nor refused."""
    return renames.c.done_at.is_(None) & renames.c.refusal.is_(None)


SELECT_RENAMES = sa.select(
    *(
        renames.c[name]
        for name in ("rename", "store", "face_id", "new_face_id", "done_at", "refusal")
    )
)


def read_rename(connection: sa.Connection, number: int) -> FaceRename:
    """Return a rename."""
    row = connection.execute(SELECT_RENAMES.where(renames.c.rename == number)).one()
    return FaceRename(*row)


def stores_with_pending_renames(connection: sa.Connection) -> list[str]:
    """Return the stores whose shards have pending updates of this kind."""
    return list(
        connection.scalars(sa.select(renames.c.store).distinct().where(is_pending_rename()))
    )


def pending_renames(connection: sa.Connection, store: str, limit: int) -> list[FaceRename]:
    """Return the first `limit` pending renames of a store."""
    query = SELECT_RENAMES.where(renames.c.store == store, is_pending_rename()).order_by(
        renames.c.rename
    )
    return [FaceRename(*row) for row in connection.execute(query.limit(limit))]


def refuse_rename(connection: sa.Connection, task: FaceRename, refusal: str) -> None:
    """Store why the shard refused: nothing has changed."""
    this = sa.update(renames).where(renames.c.rename == task.number)
    connection.execute(this.values(refusal=refusal))
