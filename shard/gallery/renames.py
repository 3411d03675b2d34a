"""Another name for a FaceId: everything that a gallery knows of it goes with it."""

import sqlalchemy as sa

from contract.errors import Conflict, FaceExists
from shard.gallery import distinctions, pictures
from shard.gallery.face_rows import read_face
from shard.gallery.meta_rows import next_seq
from shard.gallery.schema import faces, merges, sources, templates


def check_free(connection: sa.Connection, face_id: str, name: str) -> None:
    """Raise FaceExists or Conflict when a FaceId cannot get this name."""
    if read_face(connection, name) is not None:
        raise FaceExists(f"there is a FaceId {name!r} already")
    for given_away in (face_id, name):
        query = sa.select(merges.c.merge).where(merges.c.from_face_id == given_away)
        if connection.execute(query).first() is not None:
            raise Conflict(f"{given_away!r} was merged into another FaceId, which can be undone")


def rename(connection: sa.Connection, face_id: str, name: str) -> None:
    """Give a FaceId that is there a name that is free."""
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # to the end of the transaction
    this = sa.update(faces).where(faces.c.face_id == face_id)
    connection.execute(this.values(face_id=name, seq=next_seq(connection)))
    owned = sa.select(templates.c.template_id).where(templates.c.face_id == face_id)
    for template_id in connection.scalars(owned).all():
        owned_one = sa.update(templates).where(templates.c.template_id == template_id)
        connection.execute(owned_one.values(face_id=name, seq=next_seq(connection)))
    for column in (sources.c.face_id, merges.c.into_face_id):
        altered = sa.update(column.table).where(column == face_id)
        connection.execute(altered.values({column.name: name}))
    pictures.rename(connection, face_id, name)
    distinctions.rename(connection, face_id, name)
