"""A picture of one person into the gallery."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from contract.deadline import Deadline
from contract.errors import (
    DoubtfulPicture,
    EncoderCrashed,
    EnrollmentRefused,
    PictureErased,
    PictureError,
)
from contract.messages.face import MemberCard
from contract.messages.faces import EnrollAnswer, EnrollWarning, PictureLikeness, Source
from contract.messages.message import Kind
from contract.stores.detection import Detection
from contract.stores.store_map import Store
from encoder import Face
from scoring.cohort import unit
from shard.enrollment.identity_check import (
    LEAST_LIKENESS,
    IdentityCheck,
    IdentityClaim,
    check_identity,
)
from shard.enrollment.picture_quality import face_to_enroll
from shard.gallery.enrollment import EnrollResult
from shard.gallery.gallery import Gallery
from shard.gallery.template_rows import NewTemplate
from shard.index.collection import Collection
from shard.recognition.messages import box_of
from shard.service import Service

_ASK_AGAIN = ""
"""Digest of no picture, for what is refused because of what the store holds: that may change, so an
import tries the same file again."""


@dataclass(frozen=True)
class Person:
    """Whom a picture shows: a FaceId, the member it is bound to, and the name of the picture.

    A picture with a name (`source`) replaces what was stored under the same name before. `roams`:
    other stores may find the person; None leaves that as it is. `force` stores a picture that is
    not like the FaceId's own, or like somebody else's.
    """

    face_id: str
    member_id: str | None = None
    source: str | None = None
    roams: bool | None = None
    force: bool = False

    @property
    def member(self) -> MemberCard | None:
        """The member, for an answer."""
        return None if self.member_id is None else MemberCard(member_id=self.member_id)


@dataclass(frozen=True)
class EnrollmentOptions:
    """How a picture is enrolled: how faces are looked for, and when they count as one person's."""

    detection: Detection
    rate: float

    @classmethod
    def of(cls, store: Store) -> Self:
        """Return those of the store's options."""
        return cls(store.detection, store.threshold)


class _Refusal(NamedTuple):
    """A picture that is not stored: what an import knows it by, its own digest, and why."""

    known_as: str
    digest: str
    reason: str


async def enroll(
    service: Service, picture: bytes, person: Person, terms: EnrollmentOptions, deadline: Deadline
) -> EnrollAnswer:
    """Store the one face of the picture, unless the FaceId has it already.

    Raises an EnrolmentRefused, a PictureError, PictureErased when that was asked for,
    BadRequest for a new FaceId that looks minted, and a DoubtfulPicture when the face is not like
    the FaceId's own or like somebody else's; with `force` the answer's warnings say so instead.
    """
    service.check_writable()
    collection = service.collection
    digest = hashlib.sha256(picture).hexdigest()
    if kind := await service.threads.record(
        deadline, _unchanged, collection.gallery, person, digest
    ):
        return EnrollAnswer(
            store=service.store.id,
            face_id=person.face_id,
            kind=kind,
            outcome="unchanged",
            member=person.member,
        )
    try:
        face = service.recent.take(digest, terms.detection)
        face = face or await _only_face(service, picture, terms, deadline)
    except EncoderCrashed:
        raise  # the machine may be to blame: the picture is tried again
    except (EnrollmentRefused, PictureError) as error:
        await _remember_refusal(service, person, _Refusal(digest, digest, error.detail), deadline)
        raise
    template = NewTemplate(
        face.to_enroll, service.encoder.model, face.confidence, person.source, digest
    )
    try:
        stored, warnings = await service.threads.record(
            deadline, _store, collection, person, template, terms.rate
        )
    except DoubtfulPicture as error:
        left_out = _Refusal(_ASK_AGAIN, digest, error.detail)
        await _remember_refusal(service, person, left_out, deadline)
        raise
    return EnrollAnswer(
        store=service.store.id,
        face_id=person.face_id,
        kind=stored.kind,
        outcome=stored.outcome,
        template_id=stored.template_id,
        member=person.member,
        box=box_of(face),
        quality=face.confidence,
        warnings=list(warnings),
    )


async def measure_likeness(
    service: Service,
    picture: bytes,
    others: Sequence[str],
    terms: EnrollmentOptions,
    deadline: Deadline,
) -> PictureLikeness:
    """Return how alike a picture's one face is to `others`, digests of pictures shown before.

    Nothing is stored. Raises an EnrolmentRefused or a PictureError.
    """
    digest = hashlib.sha256(picture).hexdigest()
    face = service.recent.get(digest, terms.detection)
    face = face or await _only_face(service, picture, terms, deadline)
    service.recent.put(digest, terms.detection, face)
    known = [service.recent.get(other, terms.detection) for other in others]
    scores = await service.threads.search(deadline, _scores, service.collection, face, known)
    return PictureLikeness(digest=digest, scores=scores, needed=LEAST_LIKENESS)


def _scores(
    collection: Collection, face: Face, others: Sequence[Face | None]
) -> list[float | None]:
    vector = unit(face.to_enroll)
    return [
        None if other is None else collection.likeness(vector, [unit(other.to_enroll)])
        for other in others
    ]


async def remember_left_out(
    service: Service, person: Person, digest: str, reason: str, deadline: Deadline
) -> None:
    """Remember that a picture is left out because of what others show; it is tried again."""
    await _remember_refusal(service, person, _Refusal(_ASK_AGAIN, digest, reason), deadline)


def _store(
    collection: Collection, person: Person, template: NewTemplate, rate: float
) -> tuple[EnrollResult, Sequence[EnrollWarning]]:
    """Store a template unless something speaks against it, in one step; return what still does.

    Raises a DoubtfulPicture. What is stored already is no question any more.
    """
    doubts = IdentityCheck()
    if not collection.gallery.has_picture(person.face_id, template):
        claim = IdentityClaim(person.face_id, person.member_id, template)
        doubts = check_identity(collection, claim, rate)
    if doubts.refusal is not None and not person.force:
        raise doubts.refusal
    stored = collection.enroll(person.face_id, template, person.member_id, person.roams)
    return stored, doubts.warnings


def _unchanged(gallery: Gallery, person: Person, digest: str) -> Kind | None:
    """Return what kind `person` is when storing this picture would change nothing."""
    if person.source and gallery.is_erased(person.face_id, digest):
        raise PictureErased(
            "this picture was erased; to bring it back, enrol it without its source"
        )
    known = gallery.source(person.source) if person.source else None
    if known is None or (known.digest, known.face_id) != (digest, person.face_id):
        return None
    if known.outcome != "enrolled":
        return None
    record = gallery.face(person.face_id)
    bound = record.member.member_id if record.member else None
    same = person.member_id in {None, bound} and person.roams in {None, record.cross_store}
    return record.kind if same else None


async def _only_face(
    service: Service, picture: bytes, terms: EnrollmentOptions, deadline: Deadline
) -> Face:
    with service.metrics.stage("encode"):
        faces = await service.encoder.encode(picture, deadline, terms.detection, to_enroll=True)
    return face_to_enroll(faces)


async def _remember_refusal(
    service: Service, person: Person, left_out: _Refusal, deadline: Deadline
) -> None:
    """Remember why a picture with a name was left out."""
    if person.source is not None:
        refused = Source(
            source=person.source,
            digest=left_out.known_as,
            face_id=person.face_id,
            outcome="refused",
            reason=left_out.reason,
        )
        remember = service.collection.gallery.record_refused
        await service.threads.record(deadline, remember, refused, left_out.digest)
