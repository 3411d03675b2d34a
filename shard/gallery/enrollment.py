"""Storing a template for a FaceId that the caller names."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import sqlalchemy as sa

from contract.errors import AlreadyBound, BadRequest
from contract.messages.faces import Source
from contract.messages.message import Kind, Outcome
from contract.pictures.naming import MINTED_PREFIX
from shard.gallery import kept_pictures, pictures
from shard.gallery.change import StoredFace
from shard.gallery.face_rows import delete_empty_faces, insert_face, read_face, update_face
from shard.gallery.imports.source_rows import write_source
from shard.gallery.schema import templates
from shard.gallery.template_rows import (
    NewTemplate,
    add_second,
    add_template,
    name_source,
    number_picture,
    remove_templates,
    same_picture,
    share_source,
)


class EnrollResult(NamedTuple):
    """What became of a template: its FaceId's kind, the outcome, and the template's number."""

    kind: Kind
    outcome: Outcome
    template_id: int


def enroll(
    connection: sa.Connection,
    face_id: str,
    template: NewTemplate,
    member_id: str | None,
    roams: bool | None,
) -> EnrollResult:
    """Store `template` for `face_id`; see Gallery.enroll."""
    before = read_face(connection, face_id)
    face = _enrolled(before, face_id, member_id)
    if roams is not None:
        face = replace(face, roams=roams)
    known, template = _known_picture(connection, face_id, template)
    is_new = template.picture is None
    if before is None:
        insert_face(connection, face)
    elif known is None or face != before:
        update_face(connection, face)
    replaced = _replace_source(connection, face_id, template)
    number = known or add_template(connection, face_id, template)
    picture = number_picture(connection, number)
    if known:
        add_second(connection, face_id, number, template)
    if not is_new:
        share_source(connection, picture)
    if template.file is not None:
        kept_pictures.keep(connection, picture, template.file)
    if template.source and template.digest:
        pictures.note(connection, face_id, template.digest, number)
    if replaced:
        delete_empty_faces(connection, replaced)
    outcome: Outcome = "replaced" if replaced else "enrolled" if is_new else "unchanged"
    return EnrollResult(face.kind, outcome, number)


def new_face(face_id: str, member_id: str | None = None) -> StoredFace:
    """Return a FaceId that is enrolled for the first time. Raises BadRequest if it looks minted."""
    if face_id.startswith(MINTED_PREFIX):
        raise BadRequest(f"there is no FaceId {face_id!r}, and new ones may not start so")
    return StoredFace(face_id, "member", member_id, provisional=False, roams=member_id is None)


def _enrolled(before: StoredFace | None, face_id: str, member_id: str | None) -> StoredFace:
    """Return the FaceId as it is after an enrolment. Raises BadRequest and AlreadyBound."""
    if before is None:
        return new_face(face_id, member_id)
    if before.kind == "visitor" and member_id is None:
        return before
    if None not in {member_id, before.member_id} and member_id != before.member_id:
        raise AlreadyBound(f"the FaceId {face_id!r} is bound to member {before.member_id!r}")
    bound = member_id or before.member_id
    roams = before.roams and bound == before.member_id
    return StoredFace(face_id, "member", bound, provisional=False, roams=roams)


def _known_picture(
    connection: sa.Connection, face_id: str, template: NewTemplate
) -> tuple[int | None, NewTemplate]:
    """Return the FaceId's template of the same picture, if its model has made one.

    And the new template with the number of that picture, if either model knows it.
    """
    known = same_picture(connection, face_id, template)
    found = known
    if found is None and template.second is not None:
        vector, model = template.second
        found = same_picture(connection, face_id, replace(template, vector=vector, model=model))
    if found is None:
        return None, template
    return known, replace(template, picture=number_picture(connection, found))


def _replace_source(
    connection: sa.Connection, face_id: str, template: NewTemplate
) -> Sequence[str]:
    """Remember the picture, and remove what its source gave before; return to which FaceIds.

    What is of the same picture stays.
    """
    if template.source is None:
        return []
    former = templates.c.source == template.source
    if template.picture is not None:
        former &= templates.c.picture.is_distinct_from(template.picture)
    replaced = connection.scalars(sa.select(templates.c.face_id).where(former)).all()
    remove_templates(connection, former)
    digest = template.digest or ""
    source = Source(source=template.source, digest=digest, face_id=face_id, outcome="enrolled")
    write_source(connection, source)
    if template.picture is not None:
        name_source(connection, template.picture, template.source)
    return replaced
