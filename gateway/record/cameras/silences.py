"""Which cameras are missed: told once in the whole chain, whichever gateway sees it first."""

from collections.abc import Callable

import sqlalchemy as sa

from gateway.record.cameras.schema import cameras
from gateway.record.feed.event_log import add_event
from gateway.record.store_locks import lock_stores


def note_silences(
    connection: sa.Connection, store: str, is_silent: Callable[[str, int], bool], now: int
) -> None:
    """Note and tell which cameras of a store are missed from `now` on, and which are no longer.

    `is_silent` says it of a camera and of when it sent something last. Pictures that name no camera
    are not missed.
    """
    lock_stores(connection, store)
    named = sa.select(cameras).where(cameras.c.store == store, cameras.c.camera != "")
    for row in connection.execute(named.order_by(cameras.c.camera)).all():
        silent = is_silent(row.camera, row.last_at)
        if silent and row.silent_since is None:
            _set(connection, store, row.camera, now)
            _tell(connection, store, row.camera, "camera.silent", now)
        elif not silent and row.silent_since is not None:
            tell_back(connection, store, row.camera, now)


def tell_back(connection: sa.Connection, store: str, camera: str, at: int) -> None:
    """Note and tell that a camera is no longer missed. The store is locked before."""
    _set(connection, store, camera, None)
    _tell(connection, store, camera, "camera.back", at)


def _set(connection: sa.Connection, store: str, camera: str, since: int | None) -> None:
    this = (cameras.c.store == store) & (cameras.c.camera == camera)
    connection.execute(sa.update(cameras).where(this).values(silent_since=since))


def _tell(connection: sa.Connection, store: str, camera: str, kind: str, at: int) -> None:
    add_event(connection, store, kind, at, {"camera": camera})
