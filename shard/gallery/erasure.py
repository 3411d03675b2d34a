"""Removing FaceIds and templates for good: no import of the same pictures brings them back."""

from collections.abc import Iterable

import sqlalchemy as sa

from contract.errors import LastTemplate, UnknownTemplate
from shard.gallery import distinctions, merges, pictures
from shard.gallery.learned_templates import forget
from shard.gallery.schema import faces, templates
from shard.gallery.source_rows import digests_of, mark_erased, mark_picture_erased
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
    connection.execute(sa.delete(faces).where(faces.c.face_id == face_id))
    mark_erased(connection, face_id)
    distinctions.delete(connection, face_id)
    return removed


def erase_template(connection: sa.Connection, face_id: str, template_id: int) -> int:
    """Remove one template of a FaceId, and return how many are left.

    Its picture, under whatever names, is remembered as erased. What the FaceId has learned was
    measured against its pictures, and goes with any of them. Raises UnknownTemplate, and
    LastTemplate for the only picture.
    """
    owned = sa.select(templates.c.template_id, templates.c.learned_from).where(
        templates.c.face_id == face_id
    )
    learned_from = {row.template_id: row.learned_from for row in connection.execute(owned)}
    if template_id not in learned_from:
        raise UnknownTemplate(f"{face_id!r} has no picture {template_id}")
    this = templates.c.template_id == template_id
    if learned_from[template_id] is not None:
        remove_templates(connection, this)
        return len(learned_from) - 1
    founding = [number for number, visit in learned_from.items() if visit is None]
    if len(founding) == 1:
        raise LastTemplate(f"{face_id!r} has no other picture: erase it, or enrol one more")
    source = connection.scalar(sa.select(templates.c.source).where(this))
    digests = digests_of(connection, face_id, source)
    pictures.erase_template(connection, face_id, template_id, digests)
    mark_picture_erased(connection, face_id, source, digests)
    forget(connection, [face_id])
    remove_templates(connection, this)
    return len(founding) - 1
