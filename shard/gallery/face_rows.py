"""FaceIds in a gallery's tables."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from shard.gallery.change import StoredFace
from shard.gallery.face_changes import delete_faces
from shard.gallery.meta_rows import next_number, next_seq
from shard.gallery.moments import now, stored_moment
from shard.gallery.schema import faces, templates
from shard.gallery.template_rows import remove_templates

STORED_FACES = sa.select(
    faces.c.face_id, faces.c.kind, faces.c.member_id, faces.c.provisional, faces.c.roams
)
"""Selects what makes a StoredFace."""


def read_face(connection: sa.Connection, face_id: str) -> StoredFace | None:
    """Return a FaceId; None when there is none."""
    row = connection.execute(STORED_FACES.where(faces.c.face_id == face_id)).first()
    return None if row is None else StoredFace(*row)


def insert_face(connection: sa.Connection, face: StoredFace) -> None:
    """Store a new FaceId."""
    new = {"face_id": face.face_id, "created_at": now(), "number": next_number(connection)}
    connection.execute(sa.insert(faces).values(new | _changed(connection, face)))


def update_face(connection: sa.Connection, face: StoredFace) -> None:
    """Store what is now known of a FaceId."""
    known = sa.update(faces).where(faces.c.face_id == face.face_id)
    connection.execute(known.values(_changed(connection, face)))


def _changed(connection: sa.Connection, face: StoredFace) -> dict[str, object]:
    return {"seq": next_seq(connection)} | face_values(face)


def face_values(face: StoredFace) -> dict[str, object]:
    """Return what is stored of a FaceId beside its name and numbers."""
    return {
        "kind": face.kind,
        "member_id": face.member_id,
        "provisional": face.provisional,
        "roams": face.roams,
    }


def bound_faces(connection: sa.Connection, member_id: str) -> list[str]:
    """Return the FaceIds that are bound to a member."""
    bound = sa.select(faces.c.face_id).where(faces.c.member_id == member_id)
    return list(connection.scalars(bound))


def old_visitors(connection: sa.Connection, before: datetime, after: str, limit: int) -> list[str]:
    """Return the first `limit` visitors after the name `after` made before a moment."""
    name = faces.c.face_id.concat("")  # an expression: SQLite is to look at the old ones alone
    query = sa.select(faces.c.face_id).where(
        faces.c.kind == "visitor", faces.c.created_at < stored_moment(before), name > after
    )
    return list(connection.scalars(query.order_by(name).limit(limit)))


def delete_empty_faces(connection: sa.Connection, among: Sequence[str] | None) -> None:
    """Remove the FaceIds that lost their last founding template, and what they have learned.

    Looked at are those `among` some FaceIds; None: all.
    """

    def looked_at(face_id: sa.Column[str]) -> sa.ColumnElement[bool]:
        return sa.true() if among is None else face_id.in_(among)

    founding = templates.alias()
    founded = sa.exists().where(
        founding.c.face_id == templates.c.face_id, founding.c.learned_from.is_(None)
    )
    lessons = looked_at(templates.c.face_id) & templates.c.learned_from.is_not(None)
    remove_templates(connection, lessons & ~founded)
    owned = sa.select(templates.c.face_id).where(templates.c.face_id == faces.c.face_id)
    delete_faces(connection, looked_at(faces.c.face_id) & ~owned.exists())
