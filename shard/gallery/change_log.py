"""What happened to a gallery after some number of its sequence."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

import numpy as np
import sqlalchemy as sa

from contract import vectors as wire
from scoring.cohort import Places
from shard.gallery import distinctions
from shard.gallery.change import PARTITIONS, AlteredFaces, Change
from shard.gallery.schema import faces, gone_faces, places, templates
from shard.gallery.template_rows import foreign_templates

_PIECE = 4_000
"""Templates read at once: 4 MB with their rows. What more would take stays with the process: of
60,000 faces read by 20,000 it was 6 MB more."""
_PARTITION = sa.case(
    (faces.c.kind == "visitor", PARTITIONS.index("visitor")),
    (faces.c.roams, PARTITIONS.index("roaming")),
    else_=PARTITIONS.index("resident"),
)

_OWNED = (templates.c.face_id == faces.c.face_id) & (templates.c.model == sa.bindparam("of"))
_PLACED = (
    (places.c.number == faces.c.number)
    & (places.c.placing == sa.bindparam("placed_by"))
    & (places.c.seq == faces.c.seq)
)
_FACES = sa.select(
    faces.c.number,
    _PARTITION,
    faces.c.provisional,
    templates.c.frames,
    templates.c.vector,
    places.c.mean,
    places.c.deviation,
).select_from(faces.outerjoin(templates, _OWNED).outerjoin(places, _PLACED))
"""FaceIds, each with its templates of a model, one after the other."""
# In an order in which an index of SQLite has them: a sort of all vectors would take their memory,
# and to have a few in the order of their numbers it would look at everybody's.
_EVERYBODY = _FACES.order_by(faces.c.number)
_ALTERED = _FACES.where(faces.c.seq > sa.bindparam("after")).order_by(faces.c.seq)
_GONE = sa.select(gone_faces.c.number).where(gone_faces.c.seq > sa.bindparam("after"))


def changes(
    connection: sa.Connection,
    after: int,
    model: str,
    expected: Sequence[str] | None,
    placing: int | None,
) -> Iterator[Change]:
    """Yield what happened after the number `after`: to FaceIds, and to templates of `model`.

    It is one change; only when everything is read (`after` is 0), it comes in pieces. Places are
    those that were stored under the number `placing`. Foreign are the templates of models that are
    not `expected`; None: it does not matter. Raises BadVectors when a stored vector is none.
    """
    gone = np.array(connection.scalars(_GONE, {"after": after}).all() if after else (), np.int64)
    foreign = {} if expected is None else _foreign(connection, expected, after)
    pairs = distinctions.changed_since(connection, after, any_removed=len(gone) > 0)
    wanted = {"of": model, "placed_by": placing}
    if after:
        rows = connection.execute(_ALTERED, {**wanted, "after": after})
        yield Change(gone, _columns(rows.all()), distinctions=pairs, **foreign)
        return
    yield Change(distinctions=pairs, **foreign)
    rows = connection.execute(_EVERYBODY, wanted)
    begun: list[Any] = []
    for piece in rows.partitions(_PIECE):
        read = [*begun, *piece]
        whole = len(read) - _rows_of_last(read)
        yield Change(altered=_columns(read[:whole]))
        begun = read[whole:]
    yield Change(altered=_columns(begun))


def _rows_of_last(rows: Sequence[Any]) -> int:
    """Return how many of the last rows are of one FaceId: more of it may follow."""
    return len(list(takewhile(lambda row: row.number == rows[-1].number, reversed(rows))))


def _columns(rows: Sequence[Any]) -> AlteredFaces:
    if not rows:
        return AlteredFaces.none()
    numbers, partitions, provisional, frames, vectors, means, deviations = zip(*rows, strict=True)
    owners = np.array(numbers, np.int64)
    first = np.flatnonzero(np.diff(owners, prepend=-1))
    held = np.array([vector is not None for vector in vectors])
    joined = b"".join(vector for vector in vectors if vector is not None)
    length = next((len(vector) for vector in vectors if vector is not None), 0)
    return AlteredFaces(
        owners[first],
        np.array(partitions, np.int64)[first],
        np.array(provisional, np.bool_)[first],
        np.add.reduceat(held.astype(np.int64), first),
        np.array([each for each in frames if each is not None], np.int64),
        wire.unpack(joined, length // 4) if joined else np.zeros((0, 0), np.float32),
        Places(*(np.array(each, np.float32)[first] for each in (means, deviations))),
    )


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
