"""Reading how cameras are, and forgetting those that are gone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from contract.messages.message import Unfit
from gateway.record.cameras.schema import SUMS, UNFIT, camera_hours, cameras
from gateway.record.cameras.tallies import HOUR

HOURS_SHOWN = 24
_HOURS_KEPT = 7 * 24
_CAMERAS_KEPT = timedelta(days=30) // timedelta(milliseconds=1)
_CLOCK_HOURS = 2
"""A clock that was set right is right in the answer so soon."""


@dataclass(frozen=True)
class CameraRow:
    """A camera that has sent something, and the sums of its last hours, `hours` of them."""

    store: str
    camera: str
    first_at: int
    last_at: int
    taken_at: int | None
    agent: str | None
    agent_status: dict[str, Any] | None
    refusal: str | None
    silent_since: int | None
    hours: int
    frames: int
    faces: int
    empty: int
    refused: int
    width: int
    unfit: dict[Unfit, int]
    ahead_ms: int | None


def camera_rows(connection: sa.Connection, stores: Collection[str], now: int) -> list[CameraRow]:
    """Return the cameras of `stores` in the order of their names."""
    hour = now // HOUR
    of_hour = camera_hours.c
    newest = of_hour.hour > hour - _CLOCK_HOURS
    sums = (
        sa.select(
            of_hour.store,
            of_hour.camera,
            sa.func.count().label("hours"),
            *(sa.func.sum(of_hour[name]).label(name) for name in SUMS),
            sa.func.max(sa.case((newest, of_hour.ahead_ms))).label("ahead_ms"),
        )
        .where(of_hour.hour > hour - HOURS_SHOWN)
        .group_by(of_hour.store, of_hour.camera)
        .subquery()
    )
    here = (sums.c.store == cameras.c.store) & (sums.c.camera == cameras.c.camera)
    query = (
        sa.select(cameras, *(sums.c[name] for name in ("hours", *SUMS, "ahead_ms")))
        .join(sums, here, isouter=True)
        .order_by(cameras.c.store, cameras.c.camera)
    )
    rows = connection.execute(query).mappings().all()
    return [_row(row) for row in rows if row["store"] in stores]


def _row(row: sa.RowMapping) -> CameraRow:
    counted: dict[str, Any] = {name: int(row[name] or 0) for name in ("hours", *SUMS)}
    named: dict[str, Any] = {column.name: row[column.name] for column in cameras.columns}
    unfit = {reason: counted.pop(name) for reason, name in UNFIT.items()}
    return CameraRow(
        **named,
        **counted,
        unfit={reason: faces for reason, faces in unfit.items() if faces},
        ahead_ms=row["ahead_ms"],
    )


def forget_camera(connection: sa.Connection, store: str, camera: str) -> bool:
    """Delete what is kept of a camera; say whether there was anything."""
    connection.execute(
        sa.delete(camera_hours).where(
            camera_hours.c.store == store, camera_hours.c.camera == camera
        )
    )
    gone = sa.delete(cameras).where(cameras.c.store == store, cameras.c.camera == camera)
    return connection.execute(gone).rowcount > 0


def delete_old_cameras(connection: sa.Connection, now: int) -> None:
    """Delete cameras that have sent nothing for 30 days, and sums that are older than 7."""
    connection.execute(
        sa.delete(camera_hours).where(camera_hours.c.hour < now // HOUR - _HOURS_KEPT)
    )
    connection.execute(sa.delete(cameras).where(cameras.c.last_at < now - _CAMERAS_KEPT))
