"""Tracks of cameras, each with its visit, so that a later frame can correct who it is."""

from dataclasses import dataclass
from typing import Self

import sqlalchemy as sa

from contract.messages.recognition import RecognizedFace
from gateway.record.upsert import insert_into
from gateway.record.visits.schema import tracks


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


def repoint_tracks(connection: sa.Connection, visit: int, into: int) -> None:
    """Make the tracks of a visit those of another."""
    connection.execute(sa.update(tracks).where(tracks.c.visit == visit).values(visit=into))
