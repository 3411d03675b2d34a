"""Templates that confident visits have taught a FaceId, beside those that it was founded on.

A FaceId's founding templates are its enrolled pictures, or what it was minted from. What is learned
is measured against them, and does not outlive them: a FaceId that has none left forgets the rest.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from shard.gallery.schema import templates
from shard.gallery.template_rows import (
    MOST_TEMPLATES,
    NewTemplate,
    add_template,
    remove_templates,
)

MOST_SECOND = 3
"""Templates of a FaceId that visits may teach a model which does not recognize yet, or has nothing
else of it: more are left to visits that are certain by that model itself."""

_is_learned = templates.c.learned_from.is_not(None)


def learn(connection: sa.Connection, face_id: str, template: NewTemplate) -> bool:
    """Store a learned template instead of what its visit taught before; say whether it is stored.

    A visit is one person's: what it has taught another FaceId goes as well, of whatever model. It
    is not stored where the FaceId has no room beside its founding templates of this model, or has
    learned as many that are better; the weakest makes room.
    """
    own = (templates.c.face_id == face_id) & (templates.c.model == template.model)
    founding = sa.select(sa.func.count()).where(own, ~_is_learned)
    room = MOST_TEMPLATES - connection.execute(founding).scalar_one()
    same_visit = templates.c.learned_from == template.learned_from
    others = connection.scalars(
        sa.select(templates.c.quality).where(own, _is_learned, ~same_visit)
    ).all()
    if len(others) >= room and not (room > 0 and min(others) <= template.quality):
        return False
    another = (templates.c.face_id != face_id) | (templates.c.model == template.model)
    remove_templates(connection, same_visit & another)
    add_template(connection, face_id, template)
    return True


def forget(connection: sa.Connection, face_ids: Iterable[str]) -> int:
    """Remove what FaceIds have learned, and return how many templates that were."""
    return remove_templates(connection, templates.c.face_id.in_(list(face_ids)) & _is_learned)


def learned_numbers(connection: sa.Connection) -> frozenset[int]:
    """Return the numbers of all templates that were learned."""
    return frozenset(connection.scalars(sa.select(templates.c.template_id).where(_is_learned)))
