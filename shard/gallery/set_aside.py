"""FaceIds that turned out to be somebody else: their templates are set aside, to undo it."""

import sqlalchemy as sa

from contract import vectors as wire
from shard.gallery import rows as rows_of
from shard.gallery.change import StoredFace
from shard.gallery.rows import NewTemplate
from shard.gallery.schema import merges, set_aside, templates


def put(connection: sa.Connection, merge: str, face_id: str) -> int:
    """Take the templates of a FaceId out of the gallery, and return how many they are."""
    columns = ("face_id", "vector", "model", "source", "quality")
    theirs = sa.select(
        sa.literal(merge), sa.literal(rows_of.now()), *(templates.c[name] for name in columns)
    ).where(templates.c.face_id == face_id)
    ordered = theirs.order_by(templates.c.template_id)
    connection.execute(sa.insert(set_aside).from_select(["merge", "since", *columns], ordered))
    moved = rows_of.remove_templates(connection, templates.c.face_id == face_id)
    rows_of.drop_empty_faces(connection)
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
    if rows and rows_of.read_face(connection, face.face_id) is None:
        rows_of.write_face(connection, face, new=True)
    for row in rows:
        [vector] = wire.unpack(row.vector, len(row.vector) // 4)
        template = NewTemplate(vector, row.model, row.quality, row.source)
        rows_of.write_template(connection, face.face_id, template)
    connection.execute(sa.delete(set_aside).where(set_aside.c.merge == merge))
    return len(rows)


def erase(connection: sa.Connection, face_id: str) -> int:
    """Remove what a FaceId has set aside, and return how many templates that were."""
    theirs = set_aside.c.face_id == face_id
    return connection.execute(sa.delete(set_aside).where(theirs)).rowcount


def expire(connection: sa.Connection, before: str) -> int:
    """Remove what was set aside before a moment, so that it cannot be undone; return how many."""
    old = set_aside.c.since < before
    named = sa.select(set_aside.c.merge).where(old)
    connection.execute(sa.delete(merges).where(merges.c.merge.in_(named)))
    return connection.execute(sa.delete(set_aside).where(old)).rowcount
