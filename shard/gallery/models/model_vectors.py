"""All vectors of one model in a gallery, in columns: to measure with them."""

from typing import NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from contract import vectors as wire
from contract.errors import BadVectors, StorageDamaged
from contract.vectors import Vectors
from shard.gallery.gallery_file import GalleryFile
from shard.gallery.schema import templates

_PIECE = 20_000


class ModelVectors(NamedTuple):
    """The templates of the model that has most of them, m in all."""

    model: str | None
    """None where there are no templates."""
    owners: NDArray[np.int64]
    """Of each template a number of its FaceId, from 0 on, shape (m,)."""
    vectors: Vectors
    """float32, shape (m, d)."""


def model_vectors(file: GalleryFile) -> ModelVectors:
    """Read them, in one state of the gallery. Raises StorageError."""
    with file.transaction() as connection:
        model = connection.scalar(_USUAL_MODEL)
        rows = connection.execute(_TEMPLATES.where(templates.c.model == model))
        numbers: dict[str, int] = {}
        owners: list[int] = []
        pieces = [np.zeros((0, 0), np.float32)]
        for piece in rows.partitions(_PIECE):
            owners += [numbers.setdefault(face_id, len(numbers)) for face_id, _ in piece]
            try:
                length = len(piece[0].vector) // 4
                pieces.append(wire.unpack(b"".join(vector for _, vector in piece), length))
            except BadVectors as error:
                raise StorageDamaged(f"{file.path} holds vectors that are none") from error
    vectors = np.concatenate(pieces[1:]) if owners else pieces[0]
    return ModelVectors(model, np.array(owners, np.int64), vectors)


_COUNT = sa.func.count()
_USUAL_MODEL = (
    sa.select(templates.c.model).group_by(templates.c.model).order_by(_COUNT.desc()).limit(1)
)
_TEMPLATES = sa.select(templates.c.face_id, templates.c.vector).order_by(templates.c.template_id)
