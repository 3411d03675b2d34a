"""Vectors into the gallery: of a system that used the same network, without their pictures."""

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np

from contract import vectors as wire
from contract.errors import BadVectors, ModelMismatch
from contract.messages.faces import NamedVector, VectorsAnswer, VectorsDraft
from contract.vectors import Vector
from encoder import VectorModel
from shard.gallery.template_rows import NewTemplate
from shard.index.collection import Collection

QUALITY = 1.0
"""Of a vector whose picture nobody has looked at: that of most pictures is higher."""


def new_templates(
    draft: VectorsDraft, models: Sequence[VectorModel]
) -> list[tuple[str, NewTemplate]]:
    """Return the templates of a draft with their FaceIds.

    Raises ModelMismatch when none of the `models` has made them, and BadVectors.
    """
    dimension = next((each.dimension for each in models if each.model == draft.model), None)
    if dimension is None:
        own = " and ".join(repr(each.model) for each in models)
        raise ModelMismatch(f"the vectors are of model {draft.model!r}, this store's of {own}")
    return [(face.face_id, _template(face, draft.model, dimension)) for face in draft.faces]


def enroll_vectors(
    collection: Collection, store: str, new: Sequence[tuple[str, NewTemplate]]
) -> VectorsAnswer:
    """Store templates, all or none, each as the picture that it is of would be.

    Whom they are like is not looked at. Raises BadRequest for a new FaceId that looks minted.
    """
    results = collection.change(collection.gallery.enroll_all, new)
    outcomes = Counter(result.outcome for result in results if result is not None)
    erased = {face_id for (face_id, _), result in zip(new, results, strict=True) if result is None}
    return VectorsAnswer(
        store=store,
        enrolled=outcomes["enrolled"],
        unchanged=outcomes["unchanged"],
        erased=sorted(erased),
    )


def _template(face: NamedVector, model: str, dimension: int) -> NewTemplate:
    vector = _unit(wire.from_text(face.vector), dimension, face.face_id)
    digest = hashlib.sha256(wire.pack(vector)).hexdigest()
    return NewTemplate(vector, model, QUALITY, digest=digest)


def _unit(vector: Vector, dimension: int, face_id: str) -> Vector:
    if len(vector) != dimension:
        raise BadVectors(
            f"{face_id!r}: {len(vector)} numbers; the model's vectors have {dimension}"
        )
    length = float(np.linalg.norm(vector.astype(np.float64)))
    if not 0 < length <= wire.LONGEST:
        raise BadVectors(f"{face_id!r}: no direction, or a length that no model gives")
    unit: Vector = (vector / length).astype(np.float32)
    return unit
