"""Everything that one model made: how much there is of it, and its end."""

from typing import NamedTuple

import sqlalchemy as sa

from contract.errors import Conflict
from contract.messages.message import Kind
from shard.gallery import merges, pictures
from shard.gallery.face_rows import delete_empty_faces
from shard.gallery.schema import agreements, faces, set_aside, templates
from shard.gallery.template_rows import MINTED_QUALITY, remove_templates


class ModelCounts(NamedTuple):
    """Templates of a model, and how many FaceIds have none of the model that serves."""

    templates: int
    members_alone: int
    visitors_alone: int


def count(connection: sa.Connection, model: str, served: str) -> ModelCounts:
    """Return how much there is of `model` beside the model `served`."""
    number = sa.select(sa.func.count()).where(templates.c.model == model)
    counts = {kind: _alone(connection, kind, model, served) for kind in ("member", "visitor")}
    return ModelCounts(connection.execute(number).scalar_one(), counts["member"], counts["visitor"])


def _alone(connection: sa.Connection, kind: Kind, model: str, served: str) -> int:
    def has(which: str) -> sa.ColumnElement[bool]:
        owned = sa.exists().where(
            templates.c.face_id == faces.c.face_id, templates.c.model == which
        )
        return owned.correlate(faces)

    query = sa.select(sa.func.count()).select_from(faces)
    alone = query.where(faces.c.kind == kind, has(model), ~has(served))
    number: int = connection.execute(alone).scalar_one()
    return number


def forget(connection: sa.Connection, model: str, served: str) -> ModelCounts:
    """Remove all that `model` made, and return how much it was.

    Visitors who have nothing else are gone with it. What visits have taught the other models is
    what a FaceId is founded on from now on, where it has nothing else left. Raises Conflict when
    members have nothing of the model `served`.
    """
    counted = count(connection, model, served)
    if counted.members_alone:
        raise Conflict(f"{counted.members_alone} members have templates of {model!r} alone")
    merges.note_templates_of_other_models(connection, model)
    pictures.leave_template_of(connection, model)
    connection.execute(sa.delete(set_aside).where(set_aside.c.model == model))
    _found_on_lessons(connection, model)
    remove_templates(connection, templates.c.model == model)
    delete_empty_faces(connection, among=None)
    pair = (agreements.c.model == model) | (agreements.c.second_model == model)
    connection.execute(sa.delete(agreements).where(pair))
    return counted


def _found_on_lessons(connection: sa.Connection, model: str) -> None:
    """Let FaceIds that only `model` has founding templates of be founded on what was learned."""
    founding = templates.alias()
    is_founded = sa.exists().where(
        founding.c.face_id == templates.c.face_id,
        founding.c.learned_from.is_(None),
        founding.c.model != model,
    )
    lessons = sa.update(templates).where(
        templates.c.model != model, ~is_founded.correlate(templates)
    )
    connection.execute(lessons.values(learned_from=None, quality=MINTED_QUALITY))
