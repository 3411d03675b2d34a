"""Whom a gallery's pictures showed, so that no import brings back who was erased.

What is known about a file is about its last content. Here stands every content that a file had,
whether it was enrolled or left out.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from shard.gallery.schema import merges, pictures, sources, templates


def note(
    connection: sa.Connection, named: str, digest: str, template_id: int | None = None
) -> None:
    """Note that a picture came for the FaceId `named`, and which template it gave, if any."""
    gave = {"face_id": named, "template_id": template_id}
    new = insert(pictures).values(named=named, digest=digest, erased=False, **gave)
    if template_id is None:
        connection.execute(new.on_conflict_do_nothing())
    else:
        connection.execute(new.on_conflict_do_update(set_=gave))


def erased(connection: sa.Connection) -> set[tuple[str, str]]:
    """Return the FaceIds and digests that pictures of erased people came with."""
    query = sa.select(pictures.c.named, pictures.c.digest).where(pictures.c.erased)
    return {(named, digest) for named, digest in connection.execute(query)}


def is_erased(connection: sa.Connection, named: str, digest: str) -> bool:
    """Say whether a picture that comes for the FaceId `named` showed somebody who was erased."""
    query = sa.select(pictures).filter_by(named=named, digest=digest, erased=True)
    last = sa.select(sources).filter_by(face_id=named, digest=digest, outcome="erased")
    # What a repair could not read of one table, the other may still know.
    return any(connection.execute(known).first() is not None for known in (query, last))


def erase(connection: sa.Connection, face_id: str) -> None:
    """Remember the pictures of a FaceId, and of those merged into it, as erased."""
    people = [face_id]
    for person in people:
        merged = sa.select(merges.c.from_face_id).where(merges.c.into_face_id == person)
        people += [name for name in connection.scalars(merged) if name not in people]
    theirs = sa.update(pictures).where(pictures.c.face_id.in_(people))
    connection.execute(theirs.values(erased=True))


def erase_templates(
    connection: sa.Connection, face_id: str, numbers: Iterable[int], digests: Iterable[str]
) -> None:
    """Remember the pictures that gave templates, and those of a content, as erased."""
    theirs = (pictures.c.face_id == face_id) & pictures.c.digest.in_(digests)
    these = sa.update(pictures).where(pictures.c.template_id.in_(numbers) | theirs)
    connection.execute(these.values(erased=True))


def leave_template_of(connection: sa.Connection, model: str) -> None:
    """Note another model's template of the same picture where it was that of `model`."""
    of_model, other = templates.alias(), templates.alias()
    another = (
        sa.select(sa.func.min(other.c.template_id))
        .join(of_model, of_model.c.picture == other.c.picture)
        .where(of_model.c.template_id == pictures.c.template_id, other.c.model != model)
        .scalar_subquery()
    )
    theirs = sa.select(templates.c.template_id).where(templates.c.model == model)
    noted = sa.update(pictures).where(pictures.c.template_id.in_(theirs))
    connection.execute(noted.values(template_id=another))


def rename(connection: sa.Connection, face_id: str, name: str) -> None:
    """Give a FaceId another name; the pictures keep the one that they came with."""
    altered = sa.update(pictures).where(pictures.c.face_id == face_id)
    connection.execute(altered.values(face_id=name))
