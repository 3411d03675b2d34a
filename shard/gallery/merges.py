"""Merging two FaceIds of a gallery, in a way that can be undone."""

from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from shard.gallery import set_aside as aside
from shard.gallery.change import StoredFace
from shard.gallery.face_rows import delete_empty_faces, insert_face, read_face
from shard.gallery.learned_templates import forget
from shard.gallery.schema import merges, templates
from shard.gallery.template_rows import move_templates, remove_templates

_NOBODY = ""
"""Who gets templates that are set aside."""


def moved(connection: sa.Connection, merge: str) -> int | None:
    """Return how many templates a merge has moved; None when it is not known."""
    query = sa.select(merges.c.templates).where(merges.c.merge == merge)
    row = connection.execute(query).first()
    return None if row is None else len(row.templates) + aside.count(connection, merge)


def merge(connection: sa.Connection, merge: str, into: str, source: StoredFace) -> int:
    """Give the templates of `source` to `into`, remove `source`, and return how many moved."""
    owned = sa.select(templates.c.template_id).where(templates.c.face_id == source.face_id)
    numbers = list(connection.scalars(owned.order_by(templates.c.template_id)))
    move_templates(connection, numbers, into)
    delete_empty_faces(connection, [source.face_id])
    _note(connection, merge, into, source, numbers)
    return len(numbers)


def put_aside(connection: sa.Connection, merge: str, source: StoredFace) -> int:
    """Set the templates of `source` aside, remove `source`, and return how many they are."""
    moved = aside.put(connection, merge, source.face_id)
    _note(connection, merge, _NOBODY, replace(source, provisional=False), [])
    return moved


def _note(
    connection: sa.Connection, merge: str, into: str, source: StoredFace, numbers: list[int]
) -> None:
    connection.execute(
        sa.insert(merges).values(
            merge=merge,
            into_face_id=into,
            from_face_id=source.face_id,
            before=asdict(source),
            templates=numbers,
        )
    )


def unmerge(connection: sa.Connection, merge: str, person: str | None) -> int:
    """Give the templates back that are still there, and return how many they are.

    What was learned by the FaceId that got them, or by `person`, where they were set aside because
    of that one, is forgotten: it may be of either.
    """
    row = connection.execute(sa.select(merges).where(merges.c.merge == merge)).first()
    if row is None:
        return 0
    connection.execute(sa.delete(merges).where(merges.c.merge == merge))
    before = StoredFace(**row.before)
    if row.into_face_id == _NOBODY:
        forget(connection, [] if person is None else [person])
        return aside.take_back(connection, merge, before)
    owned = sa.select(templates.c.template_id).where(_given(row))
    numbers = list(connection.scalars(owned))
    if not connection.scalars(owned.where(templates.c.learned_from.is_(None))).first():
        return 0
    known = read_face(connection, before.face_id) is not None
    if not known:
        insert_face(connection, before)
    move_templates(connection, numbers, before.face_id)
    forget(connection, [row.into_face_id])
    delete_empty_faces(connection, [row.into_face_id, before.face_id])
    return len(numbers)


def _given(row: sa.Row[Any]) -> sa.ColumnElement[bool]:
    """Return which templates a merge gave, and those that were made of the same pictures since."""
    theirs = templates.alias()
    numbers = sa.select(theirs.c.picture).where(
        theirs.c.template_id.in_(row.templates), theirs.c.picture.is_not(None)
    )
    given = templates.c.template_id.in_(row.templates) | templates.c.picture.in_(numbers)
    return sa.and_(templates.c.face_id == row.into_face_id, given)


def note_templates_of_other_models(connection: sa.Connection, model: str) -> None:
    """Note with every merge the templates that other models made of the same pictures.

    So it can be undone when those of `model` are gone.
    """
    for row in connection.execute(sa.select(merges).where(merges.c.into_face_id != _NOBODY)).all():
        given = sa.select(templates.c.template_id).where(_given(row), templates.c.model != model)
        numbers = sorted({*row.templates, *connection.scalars(given)})
        noted = sa.update(merges).where(merges.c.merge == row.merge)
        connection.execute(noted.values(templates=numbers))


def erase(connection: sa.Connection, face_id: str) -> int:
    """Remove what a FaceId gave to others, forget its merges, and return how many were removed.

    What those have learned may be of this one's, and goes as well.
    """
    query = sa.select(merges).where(merges.c.from_face_id == face_id)
    given = connection.execute(query).all()
    removed = aside.erase(connection, face_id) + sum(
        remove_templates(connection, _given(row)) for row in given
    )
    receivers = [row.into_face_id for row in given]
    removed += forget(connection, receivers)
    if removed:
        delete_empty_faces(connection, receivers)
    concerned = (merges.c.into_face_id == face_id) | (merges.c.from_face_id == face_id)
    connection.execute(sa.delete(merges).where(concerned))
    return removed
