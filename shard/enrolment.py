"""A picture of one person into the gallery."""

import hashlib
from dataclasses import dataclass

from contract.deadline import Deadline
from contract.errors import (
    Conflict,
    EncoderCrashed,
    EnrolmentRefused,
    NoFace,
    PictureError,
    SeveralFaces,
)
from contract.messages import EnrolAnswer, Kind, Source
from encoder import Face
from shard.gallery import Gallery
from shard.gallery_rows import NewTemplate
from shard.identify import box_of
from shard.service import Service


@dataclass(frozen=True)
class Person:
    """Whom a picture shows: a FaceId, the member it is bound to, and the name of the picture.

    A picture with a name (`source`) replaces what was stored under the same name before.
    """

    face_id: str
    member_id: str | None = None
    source: str | None = None


async def enrol(
    service: Service, picture: bytes, person: Person, deadline: Deadline
) -> EnrolAnswer:
    """Store the one face of the picture.

    Raises NoFace, SeveralFaces, a PictureError, Conflict when the picture was erased on request,
    BadRequest for a new FaceId that looks minted.
    """
    service.check_writable()
    collection = service.collection
    digest = hashlib.sha256(picture).hexdigest()
    if kind := await service.threads.record(
        deadline, _unchanged, collection.gallery, person, digest
    ):
        return EnrolAnswer(
            store=service.store.id, face_id=person.face_id, kind=kind, outcome="unchanged"
        )
    face = await _only_face(service, picture, person, digest, deadline)
    template = NewTemplate(face.vector, service.encoder.model, face.quality, person.source, digest)
    kind, outcome = await service.threads.record(
        deadline, collection.enrol, person.face_id, template, person.member_id
    )
    return EnrolAnswer(
        store=service.store.id,
        face_id=person.face_id,
        kind=kind,
        outcome=outcome,
        box=box_of(face),
        quality=face.quality,
    )


def _unchanged(gallery: Gallery, person: Person, digest: str) -> Kind | None:
    """Return what kind `person` is when storing this picture would change nothing."""
    known = gallery.source(person.source) if person.source else None
    if known is None or (known.digest, known.face_id) != (digest, person.face_id):
        return None
    if known.outcome == "erased":
        raise Conflict("this picture was erased with its FaceId; enrol it without its source")
    if known.outcome == "refused":
        return None
    record = gallery.face(person.face_id)
    bound = record.member.member_id if record.member else None
    return record.kind if person.member_id in {None, bound} else None


async def _only_face(
    service: Service, picture: bytes, person: Person, digest: str, deadline: Deadline
) -> Face:
    try:
        with service.metrics.stage("encode"):
            faces = await service.encoder.encode(picture, deadline)
        return _one(faces)
    except EncoderCrashed:
        raise  # the machine may be to blame: the picture is tried again
    except (EnrolmentRefused, PictureError) as error:
        if person.source is not None:
            refused = Source(
                source=person.source,
                digest=digest,
                face_id=person.face_id,
                outcome="refused",
                reason=error.detail,
            )
            await service.threads.record(deadline, service.collection.gallery.remember, refused)
        raise


def _one(faces: list[Face]) -> Face:
    if not faces:
        raise NoFace("no face was found")
    if len(faces) > 1:
        raise SeveralFaces(f"{len(faces)} faces were found; exactly one is needed")
    return faces[0]
