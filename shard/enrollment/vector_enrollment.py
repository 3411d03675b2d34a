"""Vectors into the gallery: of a system that used the same network, without their pictures."""

import hashlib
from collections import Counter
from collections.abc import Sequence

from contract import vectors as wire
from contract.errors import BadVectors
from contract.messages.faces import NamedVector, VectorsAnswer, VectorsDraft
from encoder import VectorModel
from shard.gallery.template_rows import NewTemplate
from shard.index.collection import Collection
from shard.recognition.vector_models import dimension_of

QUALITY = 1.0
"""Of a vector whose picture nobody has looked at: that of most pictures is higher."""


def new_templates(
    draft: VectorsDraft, models: Sequence[VectorModel]
) -> list[tuple[str, NewTemplate]]:
    """Return the templates of a draft with their FaceIds.

    Raises ModelMismatch when none of the `models` has made them, and BadVectors.
    """
    dimension = dimension_of(draft.model, models)
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
    vector = wire.from_text(face.vector)
    if len(vector) != dimension:
        raise BadVectors(
            f"{face.face_id!r}: {len(vector)} numbers; the model's vectors have {dimension}"
        )
    try:
        [vector] = wire.to_unit_length(vector[None, :])
    except BadVectors as error:
        raise BadVectors(f"{face.face_id!r}: {error.detail}") from error
    digest = hashlib.sha256(wire.pack(vector)).hexdigest()
    return NewTemplate(vector, model, QUALITY, digest=digest)
