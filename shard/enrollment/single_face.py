"""The one face of a picture that is to be enrolled, and how alike two of them are."""

import hashlib
from collections.abc import Sequence

from contract.deadline import Deadline
from contract.messages.faces import PictureLikeness
from encoder import Face
from scoring.cohort import unit
from shard.enrollment.person import EnrollmentOptions
from shard.enrollment.picture_quality import face_to_enroll
from shard.gallery.template_rows import SecondVector
from shard.index.collection import Collection
from shard.service import Service


async def single_face(
    service: Service, picture: bytes, options: EnrollmentOptions, deadline: Deadline
) -> Face:
    """Encode a picture; return its one face. Raises an EnrollmentRefused or a PictureError."""
    with service.metrics.stage("encode"):
        faces = await service.encoder.encode(picture, deadline, options.detection, to_enroll=True)
    return face_to_enroll(faces)


def second_vector(service: Service, face: Face) -> SecondVector | None:
    """Return what the second model enrolls a face by; None where there is no second model."""
    model = service.encoder.second
    if model is None or face.second is None:
        return None
    return SecondVector(face.second.to_enroll, model.model)


async def measure_likeness(
    service: Service,
    picture: bytes,
    others: Sequence[str],
    options: EnrollmentOptions,
    deadline: Deadline,
) -> PictureLikeness:
    """Return how alike a picture's one face is to `others`, digests of pictures shown before.

    Nothing is stored. Raises an EnrollmentRefused or a PictureError.
    """
    digest = hashlib.sha256(picture).hexdigest()
    face = service.recent.get(digest, options.detection)
    face = face or await single_face(service, picture, options, deadline)
    service.recent.put(digest, options.detection, face)
    known = [service.recent.get(other, options.detection) for other in others]
    collection = service.collection
    scores = await service.threads.search(deadline, _scores, collection, face, known)
    return PictureLikeness(digest=digest, scores=scores, needed=collection.least_likeness)


def _scores(
    collection: Collection, face: Face, others: Sequence[Face | None]
) -> list[float | None]:
    vector = unit(face.to_enroll)
    return [
        None if other is None else collection.likeness(vector, [unit(other.to_enroll)])
        for other in others
    ]
