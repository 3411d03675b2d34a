"""What cameras have sent, summed up in memory and added to the record now and then."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa

from gateway.record.cameras.schema import SUMS, camera_hours, cameras
from gateway.record.cameras.silences import tell_back
from gateway.record.store_locks import lock_stores
from gateway.record.upsert import insert_into

HOUR = 3_600_000
"""Milliseconds."""
MOST_CAMERAS = 1000
"""Of a store. Further ones are worked for, and not kept: a name for each picture is a mistake."""


class CameraHour(NamedTuple):
    """A camera of a store, and an hour since 1970."""

    store: str
    camera: str
    hour: int


@dataclass
class CameraTally:
    """What a camera has sent in an hour and is not in the record yet; `sums` are by column."""

    first_at: int
    last_at: int
    taken_at: int | None = None
    agent: str | None = None
    agent_status: dict[str, Any] | None = None
    refusal: str | None = None
    ahead_ms: int | None = None
    sums: Counter[str] = field(default_factory=Counter)

    def add(self, later: "CameraTally") -> None:
        """Take over what was sent after what is here."""
        self.last_at = max(self.last_at, later.last_at)
        self.taken_at = later.taken_at if later.taken_at is not None else self.taken_at
        self.agent = later.agent or self.agent
        self.agent_status = later.agent_status or self.agent_status
        self.refusal = later.refusal or self.refusal
        self.ahead_ms = _greater(self.ahead_ms, later.ahead_ms)
        self.sums.update(later.sums)


def record_tallies(
    connection: sa.Connection, tallies: Iterable[tuple[CameraHour, CameraTally]]
) -> None:
    """Add what cameras have sent; those that were missed are back."""
    ordered = sorted(tallies, key=lambda pair: pair[0])
    lock_stores(connection, *(place.store for place, _ in ordered))
    for place, tally in ordered:
        if _note_camera(connection, place, tally):
            _add_to_hour(connection, place, tally)


def _note_camera(connection: sa.Connection, place: CameraHour, tally: CameraTally) -> bool:
    """Say whether the camera is one that is kept."""
    this = (cameras.c.store == place.store) & (cameras.c.camera == place.camera)
    known = connection.execute(sa.select(cameras).where(this)).first()
    if known is None:
        in_store = sa.select(sa.func.count()).where(cameras.c.store == place.store)
        if (connection.scalar(in_store) or 0) >= MOST_CAMERAS:
            return False
        row = {
            "store": place.store,
            "camera": place.camera,
            "first_at": tally.first_at,
            "last_at": tally.last_at,
            "taken_at": tally.taken_at,
            "agent": tally.agent,
            "agent_status": tally.agent_status,
            "refusal": tally.refusal,
        }
        connection.execute(sa.insert(cameras).values(row))
        return True
    news: dict[str, Any] = {
        "last_at": max(known.last_at, tally.last_at),
        "taken_at": known.taken_at if tally.taken_at is None else tally.taken_at,
        "agent": tally.agent or known.agent,
        "agent_status": tally.agent_status or known.agent_status,
        "refusal": tally.refusal or known.refusal,
    }
    connection.execute(sa.update(cameras).where(this).values(news))
    if known.silent_since is not None and tally.last_at > known.last_at:
        tell_back(connection, place.store, place.camera, tally.last_at)
    return True


def _add_to_hour(connection: sa.Connection, place: CameraHour, tally: CameraTally) -> None:
    """Add to the sums of an hour; the store is locked, so that they are read and written."""
    of_hour = camera_hours.c
    this = (
        (of_hour.store == place.store)
        & (of_hour.camera == place.camera)
        & (of_hour.hour == place.hour)
    )
    known = connection.execute(sa.select(camera_hours).where(this)).first()
    before = dict.fromkeys(SUMS, 0) if known is None else {s: known._mapping[s] for s in SUMS}
    news = {name: before[name] + tally.sums[name] for name in SUMS}
    ahead = _greater(None if known is None else known.ahead_ms, tally.ahead_ms)
    insert = insert_into(connection, camera_hours).values(**place._asdict(), **news, ahead_ms=ahead)
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=list(camera_hours.primary_key.columns),
            set_={**news, "ahead_ms": ahead},
        )
    )


def _greater(one: int | None, other: int | None) -> int | None:
    return max((each for each in (one, other) if each is not None), default=None)
