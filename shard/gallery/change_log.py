"""What happened to a gallery after some number of its sequence."""

from collections.abc import Iterator, Sequence

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
).order_by(templates.c.template_id)


def changes(connection: sa.Connection, after: int, model: str) -> Iterator[Change]:
    """Yield what happened after the number `after` to the templates of `model` and their FaceIds.

    It is one change; only when everything is read (`after` is 0), the templates come in pieces.
    Raises BadVectors when a stored vector is none.
    """
    removed = connection.scalars(
        sa.select(tombstones.c.template_id).where(tombstones.c.seq > after)
    ).all()
    foreign = foreign_templates(connection, model, after)
    owned = sa.exists().where(templates.c.face_id == faces.c.face_id, templates.c.model == model)
    altered = STORED_FACES.where(faces.c.seq > after, owned)
    stored = [StoredFace(*row) for row in connection.execute(altered)]
    rows = connection.execute(_TEMPLATES.where(templates.c.seq > after, templates.c.model == model))
    pairs = distinctions.changed_since(connection, after, any_removed=bool(removed))
    if after:
        yield Change(removed, stored, *_stacked(rows.all()), foreign, pairs)
        return
    yield Change(faces=stored, foreign=foreign, distinctions=pairs)
    for piece in rows.partitions(_PIECE):
        yield Change([], [], *_stacked(piece))


def _stacked(rows: Sequence[tuple[int, str, int, bytes]]) -> tuple[list[StoredTemplate], Vectors]:
    if not rows:
        return [], np.empty((0, 0), np.float32)
    added = [StoredTemplate(number, face_id, frames) for number, face_id, frames, _ in rows]
    joined = b"".join(vector for *_, vector in rows)
    return added, wire.unpack(joined, len(rows[0][-1]) // 4)
