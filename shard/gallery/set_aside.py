"""Templates that are set aside when their FaceId was merged away, so that it can be undone."""

from datetime import datetime

import sqlalchemy as sa

from contract import vectors as wire
from shard.gallery.change import StoredFace
from shard.gallery.face_rows import delete_empty_faces, insert_face, read_face
from shard.gallery.moments import now, stored_moment
from shard.gallery.schema import merges, set_aside, templates
from shard.gallery.template_rows import NewTemplate, add_template, remove_templates


def put(connection: sa.Connection, merge: str, face_id: str) -> int:
    """Take the templates of a FaceId out of the gallery, and return how many they are."""
    columns = [column.name for column in set_aside.c if column.name in templates.c]
    theirs = sa.select(
        sa.literal(merge), sa.literal(now()), *(templates.c[name] for name in columns)
    ).where(templates.c.face_id == face_id)
    ordered = theirs.order_by(templates.c.template_id)
    connection.execute(sa.insert(set_aside).from_select(["merge", "since", *columns], ordered))
    moved = remove_templates(connection, templates.c.face_id == face_id)
    delete_empty_faces(connection, [face_id])
    return moved


def count(connection: sa.Connection, merge: str) -> int:
    """Return how many templates a merge has set aside."""
    query = sa.select(sa.func.count()).where(set_aside.c.merge == merge)
    number: int = connection.execute(query).scalar_one()
    return number


def take_back(connection: sa.Connection, merge: str, face: StoredFace) -> int:
    """Give a FaceId the templates back that are still there, and return how many they are."""
    query = sa.select(set_aside).where(set_aside.c.merge == merge)
    rows = connection.execute(query.order_by(set_aside.c.number)).all()
    if rows and read_face(connection, face.face_id) is None:
        insert_face(connection, face)
    for row in rows:
        [vector] = wire.unpack(row.vector, len(row.vector) // 4)
        template = NewTemplate(
            vector,
            row.model,
            row.quality,
            row.source,
            learned_from=row.learned_from,
            frames=row.frames,
            picture=row.picture,
        )
        add_template(connection, face.face_id, template)
    connection.execute(sa.delete(set_aside).where(set_aside.c.merge == merge))
    return len(rows)


def erase(connection: sa.Connection, face_id: str) -> int:
    """Remove what a FaceId has set aside, and return how many templates that were."""
    theirs = set_aside.c.face_id == face_id
    return connection.execute(sa.delete(set_aside).where(theirs)).rowcount


def expire(connection: sa.Connection, before: datetime) -> int:
    """Remove what was set aside before a moment, so that it cannot be undone; return how many."""
    old = set_aside.c.since < stored_moment(before)
    named = sa.select(set_aside.c.merge).where(old)
    connection.execute(sa.delete(merges).where(merges.c.merge.in_(named)))
    return connection.execute(sa.delete(set_aside).where(old)).rowcount
