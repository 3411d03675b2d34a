"""Galleries of many members, stored faster than by enrolling them."""

from pathlib import Path

import numpy as np
import sqlalchemy as sa

from contract.vectors import pack
from shard.gallery.gallery import Gallery
from shard.gallery.schema import faces, meta, templates
from tests.shard.fakes import DIMENSION, MODEL, SECOND

AT = "2026-01-01T00:00:00.000000Z"


def filled(path: Path, count: int) -> Gallery:
    """Return a gallery of members m-0, m-1, …, each with a template of MODEL and of SECOND."""
    gallery = Gallery.open(path, "s")
    random = np.random.default_rng(1)
    with gallery.file.transaction() as connection:
        for table, rows in (
            (faces, [face_row(number) for number in range(count)]),
            (templates, [template_row(number, random) for number in range(2 * count)]),
        ):
            connection.execute(sa.insert(table), rows)
        connection.execute(sa.update(meta).values(seq=4 * count, last_number=count))
    return gallery


def face_row(number: int) -> dict[str, object]:
    known = {"face_id": f"m-{number}", "kind": "member", "member_id": None, "created_at": AT}
    return {
        **known,
        "seq": 4 * number + 1,
        "provisional": False,
        "roams": True,
        "number": number + 1,
    }


def template_row(number: int, random: np.random.Generator) -> dict[str, object]:
    model, dimension = [(MODEL, DIMENSION), (SECOND.model, SECOND.dimension)][number % 2]
    vector = random.normal(size=(1, dimension)).astype(np.float32)
    made = {"face_id": f"m-{number // 2}", "vector": pack(vector), "model": model, "quality": 1.0}
    return {**made, "seq": 2 * number + 2, "created_at": AT, "frames": 1}
