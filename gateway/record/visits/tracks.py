"""Tracks of cameras, each with its visit, so that a later frame can tell or correct who it is."""

from dataclasses import dataclass
from typing import Self

import sqlalchemy as sa

from contract.messages.recognition import RecognizedFace
from gateway.record.people.face_pair import FacePair
from gateway.record.prepared import Prepared
from gateway.record.upsert import insert_into
from gateway.record.visits.schema import pending_visits, tracks, visits


@dataclass(frozen=True)
class TrackKey:
    """A track of a camera of a store."""

    store: str
    camera: str
    track: str

    def matches(self) -> sa.ColumnElement[bool]:
        """Return the condition that finds its row."""
        return (
            (tracks.c.store == self.store)
            & (tracks.c.camera == self.camera)
            & (tracks.c.track == self.track)
        )


@dataclass(frozen=True)
class Track:
    """What is known of a track: its visit and who it was last taken for.

    `minted`: a frame of the track gave that FaceId to a stranger. `opened`: a frame of the track
    opened the visit.
    """

    visit: int
    home_store: str | None
    face_id: str | None
    minted: bool
    opened: bool

    @classmethod
    def find(cls, connection: sa.Connection, key: TrackKey) -> Self | None:
        """Return the track, unless it is new."""
        columns = (tracks.c[name] for name in cls.__dataclass_fields__)
        row = connection.execute(sa.select(*columns).where(key.matches())).first()
        return None if row is None else cls(**row._asdict())

    @classmethod
    def after(cls, before: Self | None, face: RecognizedFace, visit: int, opened: bool) -> Self:
        """Return the track, which was `before`, after a frame in which it is `face`."""
        minted = face.match == "new"
        if before is not None:
            same_face = (before.home_store, before.face_id) == (face.store, face.face_id)
            minted = minted or (before.minted and same_face)
            opened = opened or (before.opened and before.visit == visit)
        return cls(visit, face.store, face.face_id, minted, opened)

    def keep(self, connection: sa.Connection, key: TrackKey, at: int) -> None:
        """Store the track."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        statement = insert_into(connection, tracks).values(
            store=key.store, camera=key.camera, track=key.track, last_at=at, **values
        )
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[tracks.c.store, tracks.c.camera, tracks.c.track],
                set_={"last_at": at, **values},
            )
        )


@dataclass(frozen=True)
class TrackHistory:
    """What the record knows of a track before a frame of it is recognized.

    `minted` is the FaceId that the track has got as a stranger; `waits_since` the moment of its
    first frame while it waits for one, in milliseconds since 1970.
    """

    minted: FacePair | None = None
    waits_since: int | None = None


def history_of_track(connection: sa.Connection, key: TrackKey, at: int, gap: int) -> TrackHistory:
    """Return what is known of the track whose visit, within `gap`, the moment `at` is part of."""
    moment = {"of_store": key.store, "of_camera": key.camera, "of_track": key.track}
    row = _HISTORY.first(connection, {**moment, "until": at + gap, "since": at - gap})
    if row is None:
        return TrackHistory()
    return TrackHistory(
        minted=(row.home_store, row.face_id) if row.minted else None,
        waits_since=None if row.pending is None else row.first_at,
    )


_HISTORY = Prepared(
    sa.select(
        tracks.c.home_store,
        tracks.c.face_id,
        tracks.c.minted,
        visits.c.first_at,
        pending_visits.c.visit.label("pending"),
    )
    .join(visits, visits.c.visit == tracks.c.visit)
    .join(pending_visits, pending_visits.c.visit == tracks.c.visit, isouter=True)
    .where(
        tracks.c.store == sa.bindparam("of_store"),
        tracks.c.camera == sa.bindparam("of_camera"),
        tracks.c.track == sa.bindparam("of_track"),
        visits.c.person.is_not(None),
        visits.c.first_at <= sa.bindparam("until"),
        visits.c.last_at >= sa.bindparam("since"),
    )
)


def name_tracks(connection: sa.Connection, visit: int, face: RecognizedFace) -> None:
    """Store who the tracks of a visit are, which nobody knew when their frames came."""
    nameless = (tracks.c.visit == visit) & tracks.c.face_id.is_(None)
    connection.execute(
        sa.update(tracks)
        .where(nameless)
        .values(home_store=face.store, face_id=face.face_id, minted=face.match == "new")
    )


def repoint_tracks(connection: sa.Connection, visit: int, into: int) -> None:
    """Make the tracks of a visit those of another."""
    connection.execute(sa.update(tracks).where(tracks.c.visit == visit).values(visit=into))
