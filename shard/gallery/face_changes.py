"""What the index is told of FaceIds: which of them have changed, and which are gone."""

from collections.abc import Iterable

import sqlalchemy as sa

from shard.gallery.meta_rows import next_seq
from shard.gallery.moments import now
from shard.gallery.schema import faces, gone_faces


def note_altered(connection: sa.Connection, face_ids: Iterable[str]) -> None:
    """Give FaceIds whose templates have changed the next numbers of the store's sequence."""
    for face_id in dict.fromkeys(face_ids):
        this = sa.update(faces).where(faces.c.face_id == face_id)
        connection.execute(this.values(seq=next_seq(connection)))


def delete_faces(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    """Remove the FaceIds that `which` selects, which have no templates; note that they are gone."""
    for number in connection.scalars(sa.select(faces.c.number).where(which)).all():
        gone = {"number": number, "seq": next_seq(connection), "since": now()}
        connection.execute(sa.insert(gone_faces).values(gone))
    connection.execute(sa.delete(faces).where(which))
