"""What happened after some number of the sequence to those whom other stores may find."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from contract import vectors as wire
from contract.vectors import Vectors
from shard.gallery.meta_rows import last_seq
from shard.gallery.schema import faces, gone_faces, places, templates

_NUMBERS = 50
"""How many times as many numbers alone are told at once: each is a few bytes."""
_ROAMS = (faces.c.kind == "member") & faces.c.roams


class RoamingTemplates(NamedTuple):
    """Whom other stores may find: a FaceId by its number, and its templates of one model.

    `vectors` is float32, shape (n, d), as stored; `frames` is of how many pictures they are fused.
    `place` is where their mean is among the cohort, if that is stored.
    """

    number: int
    vectors: Vectors
    frames: int
    place: tuple[float, float] | None


class RoamingPage(NamedTuple):
    """What happened up to the change `seq`; `last` is the last one that there is."""

    seq: int
    last: int
    faces: list[RoamingTemplates]
    gone: list[int]


def roaming_page(
    connection: sa.Connection, after: int, model: str, placing: int, limit: int
) -> RoamingPage:
    """Return what happened after the change `after`, of at most `limit` who may be found.

    Places are those that were stored under the number `placing`. `gone` are those who may not, or
    not any more, and who have no template of `model`. Where all is asked for (`after` is 0), nobody
    is gone. Raises BadVectors when a stored vector is none.
    """
    last = last_seq(connection)
    roaming = _changed(connection, faces, _ROAMS, after, limit)
    others = _changed(connection, faces, ~_ROAMS, after, limit * _NUMBERS) if after else []
    removed = _changed(connection, gone_faces, sa.true(), after, limit * _NUMBERS) if after else []
    cut = [roaming[-1:]] if len(roaming) == limit else []
    cut += [rows[-1:] for rows in (others, removed) if len(rows) == limit * _NUMBERS]
    seq = min((row.seq for [row] in cut), default=last)
    known = _templates(
        connection, [row.number for row in roaming if row.seq <= seq], model, placing
    )
    gone = [row.number for row in (*roaming, *others, *removed) if row.seq <= seq]
    return RoamingPage(
        seq, last, list(known.values()), [number for number in gone if number not in known]
    )


def _changed(
    connection: sa.Connection, table: sa.Table, which: sa.ColumnElement[bool], after: int, most: int
) -> Sequence[sa.Row[Any]]:
    changed: sa.Select[Any] = sa.select(table.c.number, table.c.seq)
    query = changed.where(table.c.seq > after, which)
    return connection.execute(query.order_by(table.c.seq).limit(most)).all()


def _templates(
    connection: sa.Connection, numbers: Sequence[int], model: str, placing: int
) -> dict[int, RoamingTemplates]:
    """Return those of the FaceIds that have templates of `model`, by their numbers."""
    columns: sa.Select[Any] = sa.select(
        faces.c.number, templates.c.vector, templates.c.frames, places.c.mean, places.c.deviation
    )
    placed = (
        (places.c.number == faces.c.number)
        & (places.c.placing == placing)
        & (places.c.seq == faces.c.seq)
    )
    query = (
        columns.join(templates, templates.c.face_id == faces.c.face_id)
        .outerjoin(places, placed)
        .where(faces.c.number.in_(numbers), templates.c.model == model)
        .order_by(templates.c.template_id)
    )
    owned: dict[int, list[sa.Row[Any]]] = {}
    for row in connection.execute(query):
        owned.setdefault(row.number, []).append(row)
    return {
        number: RoamingTemplates(
            number,
            wire.unpack(b"".join(row.vector for row in rows), len(rows[0].vector) // 4),
            sum(row.frames for row in rows),
            None if rows[0].mean is None else (rows[0].mean, rows[0].deviation),
        )
        for number, rows in owned.items()
    }
