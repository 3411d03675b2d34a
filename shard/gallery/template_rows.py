"""Face vectors in a gallery's tables."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa

from contract import vectors as wire
from contract.vectors import Vector
from scoring.cohort import unit
from shard.gallery.face_changes import note_altered
from shard.gallery.meta_rows import next_seq
from shard.gallery.moments import now
from shard.gallery.schema import faces, templates, tombstones

MOST_TEMPLATES = 5
"""Of one FaceId: more of them gain little and cost every search."""
MINTED_QUALITY = 0.0
"""Of a vector that a camera's frame gave: whatever is enrolled is better."""
_SAME_PICTURE = 0.1
"""L2 distance within which two vectors are of one picture, saved again or in another size. Of
different photographs of one person in LFW the nearest are .107 apart (docs/accuracy.md)."""
_FOREIGN = (
    sa.select(templates.c.model, sa.func.count().label("templates"))
    .where(
        templates.c.seq > sa.bindparam("after"),
        templates.c.model.not_in(sa.bindparam("models", expanding=True)),
    )
    .group_by(templates.c.model)
)


class SecondVector(NamedTuple):
    """What the store's second model makes of the same face: float32 of shape (d,)."""

    vector: Vector
    model: str


@dataclass(frozen=True, eq=False)
class NewTemplate:
    """A face vector to store, float32 of shape (d,), with the model that made it and its quality.

    `source` is the name of the picture that it is from, `digest` that picture's SHA-256; or a visit
    has taught it, whose number is `learned_from`. It is fused from `frames` pictures. `picture` is
    the number of its picture where that has one already; `file` is the picture where it is to be
    kept. `second` becomes a template of its own, of the same picture.
    """

    vector: Vector
    model: str
    quality: float
    source: str | None = None
    digest: str | None = None
    learned_from: str | None = None
    frames: int = 1
    picture: int | None = None
    file: bytes | None = None
    second: SecondVector | None = None


@dataclass(frozen=True, eq=False)
class StoredVector:
    """A vector of a FaceId, float32 of shape (d,)."""

    face_id: str
    vector: Vector


def add_template(connection: sa.Connection, face_id: str, template: NewTemplate) -> int:
    """Store a face vector of a FaceId that is stored, and its second one; return its number.

    No more than MOST_TEMPLATES of a model are kept: the weakest of the others makes room; of
    equally weak ones the oldest.
    """
    number = _insert(connection, face_id, template)
    add_second(connection, face_id, number, template)
    return number


def add_second(
    connection: sa.Connection, face_id: str, template_id: int, template: NewTemplate
) -> bool:
    """Store the second vector of a picture whose first one has this number; say whether it is new.

    It is not where there is none to store, or the picture has one of its model already.
    """
    if template.second is None:
        return False
    vector, model = template.second
    picture = number_picture(connection, template_id)
    theirs = templates.c.picture == picture, templates.c.model == model
    if connection.scalar(sa.select(templates.c.template_id).where(*theirs)) is not None:
        return False
    beside = replace(template, vector=vector, model=model, picture=picture, second=None)
    _insert(connection, face_id, beside)
    return True


def template_values(face_id: str, template: NewTemplate) -> dict[str, object]:
    """Return what is stored of a template beside numbers and moments."""
    return {
        "face_id": face_id,
        "vector": wire.pack(template.vector),
        "model": template.model,
        "source": template.source,
        "quality": template.quality,
        "learned_from": template.learned_from,
        "frames": template.frames,
    }


def _insert(connection: sa.Connection, face_id: str, template: NewTemplate) -> int:
    stored = connection.execute(
        sa.insert(templates).values(
            template_values(face_id, template)
            | {"seq": next_seq(connection), "created_at": now(), "picture": template.picture}
        )
    )
    assert stored.inserted_primary_key is not None
    number = int(stored.inserted_primary_key[0])
    note_altered(connection, [face_id])
    _remove_weakest(connection, face_id, template.model, [number])
    return number


def move_templates(connection: sa.Connection, template_ids: Sequence[int], face_id: str) -> None:
    """Make templates those of another FaceId, and keep no more than MOST_TEMPLATES of it.

    The strongest of those that come and of those that were there stay: both sides live on.
    """
    come = templates.c.template_id.in_(template_ids)
    owners = connection.scalars(sa.select(templates.c.face_id).where(come)).all()
    for template_id in template_ids:
        moved = sa.update(templates).where(templates.c.template_id == template_id)
        connection.execute(moved.values(face_id=face_id, seq=next_seq(connection)))
    note_altered(connection, [*owners, face_id])
    models = sa.select(templates.c.model).where(templates.c.face_id == face_id).distinct()
    for model in connection.scalars(models).all():
        best = _strongest(face_id, model).limit(1)
        sides = (connection.scalars(best.where(side)).first() for side in (come, ~come))
        staying = [number for number in sides if number is not None]
        _remove_weakest(connection, face_id, model, staying)


def remove_templates(connection: sa.Connection, which: sa.ColumnElement[bool]) -> int:
    """Remove the templates that `which` selects, leave their tombstones, and return how many."""
    removed = sa.select(templates.c.template_id, templates.c.face_id).where(which)
    rows = connection.execute(removed).all()
    for template_id, _ in rows:
        tombstone = sa.insert(tombstones).values(template_id=template_id, seq=next_seq(connection))
        connection.execute(tombstone)
    connection.execute(sa.delete(templates).where(which))
    note_altered(connection, (face_id for _, face_id in rows))
    return len(rows)


def same_picture(connection: sa.Connection, face_id: str, template: NewTemplate) -> int | None:
    """Return the template of a FaceId that is of the same picture as a new one, if there is one.

    The vector of a frame, which was minted or learned, is no enrolled picture's.
    """
    query = sa.select(templates.c.template_id, templates.c.vector).where(
        templates.c.face_id == face_id,
        templates.c.model == template.model,
        templates.c.quality != MINTED_QUALITY,
        templates.c.learned_from.is_(None),
    )
    for template_id, vector in connection.execute(query.order_by(templates.c.template_id)):
        if is_same_picture(vector, template.vector):
            return int(template_id)
    return None


def is_same_picture(stored: bytes, vector: Vector) -> bool:
    """Say whether a stored vector, and another one of the same model, are of one picture."""
    [known] = wire.unpack(stored, len(stored) // 4)
    if len(known) != len(vector):
        return False
    return bool(np.linalg.norm(unit(known) - unit(vector)) < _SAME_PICTURE)


def name_source(connection: sa.Connection, picture: int, source: str) -> None:
    """Note what the picture of this number is called, unless that is known."""
    this = (templates.c.picture == picture) & templates.c.source.is_(None)
    connection.execute(sa.update(templates).where(this).values(source=source))


def share_source(connection: sa.Connection, picture: int) -> None:
    """Give all templates of a picture its name, if any of them has one."""
    named = templates.alias()
    name = sa.select(sa.func.max(named.c.source)).where(named.c.picture == picture)
    theirs = (templates.c.picture == picture) & templates.c.source.is_(None)
    connection.execute(sa.update(templates).where(theirs).values(source=name.scalar_subquery()))


def number_picture(connection: sa.Connection, template_id: int) -> int:
    """Return the number of the picture that a template is of; give it one where it has none."""
    number = sa.func.coalesce(templates.c.picture, templates.c.template_id)
    this = sa.update(templates).where(templates.c.template_id == template_id)
    found: int = connection.execute(
        this.values(picture=number).returning(templates.c.picture)
    ).scalar_one()
    return found


def provisional_vectors(connection: sa.Connection, model: str, limit: int) -> list[StoredVector]:
    """Return the vectors of `model` of the first `limit` provisional FaceIds that have any."""
    owned = sa.exists().where(templates.c.face_id == faces.c.face_id, templates.c.model == model)
    first = sa.select(faces.c.face_id).where(faces.c.provisional, owned).order_by(faces.c.face_id)
    query = sa.select(templates.c.face_id, templates.c.vector).where(
        templates.c.face_id.in_(first.limit(limit)), templates.c.model == model
    )
    rows = connection.execute(query.order_by(templates.c.face_id, templates.c.template_id))
    return [
        StoredVector(face_id, wire.unpack(vector, len(vector) // 4)[0]) for face_id, vector in rows
    ]


def foreign_templates(
    connection: sa.Connection, models: Sequence[str], after: int = 0
) -> dict[str, int]:
    """Return how many templates newer than `after` other models have made, by their names."""
    rows = connection.execute(_FOREIGN, {"after": after, "models": list(models)})
    return {row.model: row.templates for row in rows}


def _remove_weakest(
    connection: sa.Connection, face_id: str, model: str, staying: Sequence[int]
) -> None:
    """Remove what a FaceId has beyond MOST_TEMPLATES of a model, the weakest, none of `staying`.

    What was learned makes room first; of equally weak ones the oldest.
    """
    best_first = _strongest(face_id, model, templates.c.template_id.in_(staying).desc())
    weakest = connection.scalars(best_first.limit(-1).offset(MOST_TEMPLATES)).all()
    if weakest:
        remove_templates(connection, templates.c.template_id.in_(weakest))


def _strongest(face_id: str, model: str, *before: sa.UnaryExpression[bool]) -> sa.Select[int]:
    """Select a FaceId's templates of a model, the strongest and newest first, `before` all that.

    Those that were learned come last.
    """
    founding = templates.c.learned_from.is_(None).desc()
    return (
        sa.select(templates.c.template_id)
        .where(templates.c.face_id == face_id, templates.c.model == model)
        .order_by(*before, founding, templates.c.quality.desc(), templates.c.template_id.desc())
    )
