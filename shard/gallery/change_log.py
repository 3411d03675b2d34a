"""What happened to a gallery after some number of its sequence."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from contract import vectors as wire
from contract.vectors import Vectors
from shard.gallery import distinctions
from shard.gallery.change import Change, StoredFace, StoredTemplate
from shard.gallery.face_rows import STORED_FACES
from shard.gallery.schema import faces, templates, tombstones
from shard.gallery.template_rows import foreign_templates

_PIECE = 20_000
"""Templates read at once when a whole gallery is loaded: 10 MB of 128-dimensional vectors."""
_TEMPLATES = sa.select(
    templates.c.template_id, templates.c.face_id, templates.c.frames, templates.c.vector
)


def changes(
    connection: sa.Connection, after: int, model: str, expected: Sequence[str] | None
) -> Iterator[Change]:
    """Yield what happened after the number `after` to the templates of `model` and their FaceIds.

    It is one change; only when everything is read (`after` is 0), the templates come in pieces.
    Foreign are the templates of models that are not `expected`; None: it does not matter. Raises
    BadVectors when a stored vector is none.
    """
    removed = connection.scalars(
        sa.select(tombstones.c.template_id).where(tombstones.c.seq > after)
    ).all()
    foreign = {} if expected is None else _foreign(connection, expected, after)
    owned = sa.exists().where(templates.c.face_id == faces.c.face_id, templates.c.model == model)
    # Whoever gets a first template of the model was not in its index, however old the FaceId is.
    given = sa.select(templates.c.face_id).where(templates.c.seq > after)
    altered = STORED_FACES.where((faces.c.seq > after) | faces.c.face_id.in_(given), owned)
    stored = [StoredFace(*row) for row in connection.execute(altered)]
    made = _TEMPLATES.where(templates.c.model == model)
    # In the order in which SQLite finds them: a sort of all vectors would take its memory, and to
    # keep new ones in the order of their numbers it would look at everybody's.
    if after:
        made = made.where(templates.c.seq > after).order_by(templates.c.seq)
    else:
        made = made.order_by(templates.c.template_id)
    rows = connection.execute(made)
    pairs = distinctions.changed_since(connection, after, any_removed=bool(removed))
    if after:
        yield Change(removed, stored, *_stacked(rows.all()), distinctions=pairs, **foreign)
        return
    yield Change(faces=stored, distinctions=pairs, **foreign)
    for piece in rows.partitions(_PIECE):
        yield Change([], [], *_stacked(piece))


def _foreign(connection: sa.Connection, models: Sequence[str], after: int) -> dict[str, Any]:
    """Return what a change says of the templates of other models than these."""
    if not (counts := foreign_templates(connection, models, after)):
        return {}
    known = sa.select(templates.c.face_id).where(templates.c.model.in_(models))
    unknown = sa.select(sa.func.count()).where(
        faces.c.kind == "member", faces.c.face_id.not_in(known)
    )
    return {
        "foreign": counts,
        "unknown_members": connection.execute(unknown).scalar_one(),
        "is_all_foreign": connection.execute(known.limit(1)).first() is None,
    }


def _stacked(rows: Sequence[tuple[int, str, int, bytes]]) -> tuple[list[StoredTemplate], Vectors]:
    if not rows:
        return [], np.empty((0, 0), np.float32)
    added = [StoredTemplate(number, face_id, frames) for number, face_id, frames, _ in rows]
    joined = b"".join(vector for *_, vector in rows)
    return added, wire.unpack(joined, len(rows[0][-1]) // 4)
