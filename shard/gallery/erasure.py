"""Removing FaceIds and templates for good: no import of the same pictures brings them back."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from contract.errors import LastTemplate, UnknownTemplate
from shard.gallery import distinctions, merges, pictures
from shard.gallery.face_changes import delete_faces
from shard.gallery.imports.source_rows import digests_of, mark_erased, mark_picture_erased
from shard.gallery.learned_templates import forget
from shard.gallery.schema import faces, templates
from shard.gallery.template_rows import remove_templates


def erase_faces(connection: sa.Connection, face_ids: Iterable[str]) -> dict[str, int]:
    """Remove FaceIds; return how many templates each of them had. Unknown ones had none.

    Their pictures are remembered as erased, also those that were refused or replaced.
    """
    names = list(dict.fromkeys(face_ids))
    for name in names:
        pictures.erase(connection, name)
    return {name: merges.erase(connection, name) + _erase(connection, name) for name in names}


def _erase(connection: sa.Connection, face_id: str) -> int:
    removed = remove_templates(connection, templates.c.face_id == face_id)
    delete_faces(connection, faces.c.face_id == face_id)
    mark_erased(connection, face_id)
    distinctions.delete(connection, face_id)
    return removed


def erase_template(connection: sa.Connection, face_id: str, template_id: int, model: str) -> int:
    """Remove one template of a FaceId, and those that other models made of the same picture.

    Return how many are left. The picture, under whatever names, is remembered as erased. What the
    FaceId has learned was measured against its pictures, and goes with any of them. Raises
    UnknownTemplate, and LastTemplate for the only picture, or the only one that `model`, by which
    the store recognizes, has a template of.
    """
    columns = ("template_id", "learned_from", "picture", "source", "model")
    owned = sa.select(*(templates.c[name] for name in columns))
    rows = connection.execute(owned.where(templates.c.face_id == face_id)).all()
    this = next((row for row in rows if row.template_id == template_id), None)
    if this is None:
        raise UnknownTemplate(f"{face_id!r} has no picture {template_id}")
    if this.learned_from is not None:
        visit = templates.c.learned_from == this.learned_from
        return len(rows) - remove_templates(connection, (templates.c.face_id == face_id) & visit)
    gone = [row for row in rows if _are_one_picture(row, this)]
    left = [row for row in rows if row.learned_from is None and row not in gone]
    was_known = any(row.model == model for row in gone)
    if not left or (was_known and all(row.model != model for row in left)):
        raise LastTemplate(f"{face_id!r} has no other picture: erase it, or enrol one more")
    numbers = [row.template_id for row in gone]
    source = next((row.source for row in gone if row.source is not None), None)
    digests = digests_of(connection, face_id, source)
    pictures.erase_templates(connection, face_id, numbers, digests)
    mark_picture_erased(connection, face_id, source, digests)
    forget(connection, [face_id])
    remove_templates(connection, templates.c.template_id.in_(numbers))
    return len(left)


def _are_one_picture(one: sa.Row[Any], other: sa.Row[Any]) -> bool:
    if one.picture is None:
        return bool(one.template_id == other.template_id)
    return bool(one.picture == other.picture)
