"""A picture of one person into the gallery."""

import hashlib
from dataclasses import dataclass
from typing import Self

from contract.deadline import Deadline
from contract.detection import Detection
from contract.errors import (
    Conflict,
    EncoderCrashed,
    EnrolmentRefused,
    PictureError,
)
from contract.messages import EnrolAnswer, EnrolWarning, Kind, MemberCard, Source
from contract.store_map import Store
from encoder import Face
from shard.gallery import Gallery
from shard.gallery_rows import NewTemplate
from shard.identify import box_of
from shard.service import Service
from shard.suitability import face_to_enrol

_SHOWN = 5
"""Members of whom an enrolment warns, at the most."""


@dataclass(frozen=True)
class Person:
    """Whom a picture shows: a FaceId, the member it is bound to, and the name of the picture.

    A picture with a name (`source`) replaces what was stored under the same name before. `roams`:
    other stores may find the person; None leaves that as it is.
    """

    face_id: str
    member_id: str | None = None
    source: str | None = None
    roams: bool | None = None

    @property
    def member(self) -> MemberCard | None:
        """The member, for an answer."""
        return None if self.member_id is None else MemberCard(member_id=self.member_id)


@dataclass(frozen=True)
class Terms:
    """How a picture is enrolled: how faces are looked for, and when they count as one person's."""

    detection: Detection
    rate: float

    @classmethod
    def of(cls, store: Store) -> Self:
        """Return those of the store's options."""
        return cls(store.detection, store.threshold)


async def enrol(
    service: Service, picture: bytes, person: Person, terms: Terms, deadline: Deadline
) -> EnrolAnswer:
    """Store the one face of the picture; warn when it is a member's under another FaceId.

    Raises an EnrolmentRefused, a PictureError, Conflict when the picture was erased on request,
    BadRequest for a new FaceId that looks minted.
    """
    service.check_writable()
    collection = service.collection
    digest = hashlib.sha256(picture).hexdigest()
    if kind := await service.threads.record(
        deadline, _unchanged, collection.gallery, person, digest
    ):
        return EnrolAnswer(
            store=service.store.id,
            face_id=person.face_id,
            kind=kind,
            outcome="unchanged",
            member=person.member,
        )
    try:
        face = await _only_face(service, picture, terms, deadline)
    except EncoderCrashed:
        raise  # the machine may be to blame: the picture is tried again
    except (EnrolmentRefused, PictureError) as error:
        await _remember_refusal(service, person, digest, error, deadline)
        raise
    warnings = await _warnings(service, face, person, terms.rate, deadline)
    template = NewTemplate(
        face.to_enrol, service.encoder.model, face.quality, person.source, digest
    )
    kind, outcome = await service.threads.record(
        deadline, collection.enrol, person.face_id, template, person.member_id, person.roams
    )
    return EnrolAnswer(
        store=service.store.id,
        face_id=person.face_id,
        kind=kind,
        outcome=outcome,
        member=person.member,
        box=box_of(face),
        quality=face.quality,
        warnings=warnings,
    )


async def _warnings(
    service: Service, face: Face, person: Person, rate: float, deadline: Deadline
) -> list[EnrolWarning]:
    """Return the members who have this face, other than `person`."""
    collection = service.collection
    [hits] = await service.threads.search(
        deadline, collection.search, face.to_enrol[None, :], _SHOWN + 1, "own members"
    )
    needed = collection.threshold(rate)
    return [
        EnrolWarning(
            code="ALREADY_ENROLLED",
            detail=f"the face is already enrolled as {hit.card.face_id}",
            face_id=hit.card.face_id,
            score=hit.score,
        )
        for hit in hits
        if hit.score >= needed and hit.card.face_id != person.face_id
    ][:_SHOWN]


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
    same = person.member_id in {None, bound} and person.roams in {None, record.cross_store}
    return record.kind if same else None


async def _only_face(service: Service, picture: bytes, terms: Terms, deadline: Deadline) -> Face:
    with service.metrics.stage("encode"):
        faces = await service.encoder.encode(picture, deadline, terms.detection, to_enrol=True)
    return face_to_enrol(faces)


async def _remember_refusal(
    service: Service,
    person: Person,
    digest: str,
    error: EnrolmentRefused | PictureError,
    deadline: Deadline,
) -> None:
    """Remember why a picture with a name was left out."""
    if person.source is not None:
        refused = Source(
            source=person.source,
            digest=digest,
            face_id=person.face_id,
            outcome="refused",
            reason=error.detail,
        )
        await service.threads.record(deadline, service.collection.gallery.remember, refused)
