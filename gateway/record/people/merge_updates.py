"""Merges that a shard has still to bring its templates in line with."""

from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from gateway.record.people.schema import merges

_AUTOMATIC = ("track", "reconciled")
"""Causes of merges that facegate makes by itself.

Their templates are set aside: they are of a frame that did not look like the person, or another
store has better ones.
"""


class PendingMerge(NamedTuple):
    """A merge, or its undoing, that a store's shard has not applied. `merge` is its name there.

    `into` is None when the templates are to be set aside; `person` is then who in the same store it
    was taken for, if anybody.
    """

    number: int
    merge: str
    todo: Literal["merge", "undo"]
    into: str | None
    source: str
    person: str | None = None


def stores_with_pending_merges(connection: sa.Connection) -> list[str]:
    """Return the stores with pending merges."""
    return list(connection.scalars(sa.select(merges.c.from_store).distinct().where(_is_pending())))


def pending_merges(connection: sa.Connection, store: str, limit: int) -> list[PendingMerge]:
    """Return the first `limit` merges that a store's shard has not applied, in their order."""
    query = sa.select(merges).where(merges.c.from_store == store, _is_pending())
    rows = connection.execute(query.order_by(merges.c.merge).limit(limit))
    return [task for task in map(update_of, rows) if task is not None]


def mark_merge_applied(connection: sa.Connection, task: PendingMerge, now: int) -> None:
    """Store that the shard has applied or undone the merge."""
    done = None if task.todo == "undo" else now
    this = merges.c.merge == task.number
    connection.execute(sa.update(merges).where(this).values(applied_at=done))


def _is_pending() -> sa.ColumnElement[bool]:
    """Select the merges that a shard has to apply or undo."""
    to_merge = merges.c.undone_at.is_(None) & merges.c.applied_at.is_(None)
    to_undo = merges.c.undone_at.is_not(None) & merges.c.applied_at.is_not(None)
    here = merges.c.into_store == merges.c.from_store
    of_shards = here | merges.c.cause.in_(_AUTOMATIC)
    return merges.c.from_face_id.is_not(None) & of_shards & (to_merge | to_undo)


def update_of(row: sa.Row[Any]) -> PendingMerge | None:
    """Return what the shard has to do about a merge, or None.

    Nothing where people have merged FaceIds of two stores: each shard keeps its own templates.
    """
    by_itself = row.cause in _AUTOMATIC
    if row.into_store != row.from_store and not by_itself:
        return None
    todo: Literal["merge", "undo"] = "merge" if row.undone_at is None else "undo"
    into = None if by_itself else row.into_face_id
    person = row.into_face_id if by_itself and row.into_store == row.from_store else None
    return PendingMerge(row.merge, f"{row.merge}-{row.at}", todo, into, row.from_face_id, person)
