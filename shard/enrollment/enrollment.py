"""A picture of one person into the gallery."""

import hashlib
from collections.abc import Sequence

from contract.deadline import Deadline
from contract.errors import (
    DoubtfulPicture,
    EncoderCrashed,
    EnrollmentRefused,
    PictureErased,
    PictureError,
)
from contract.messages.faces import EnrollAnswer, EnrollWarning
from contract.messages.message import Kind
from shard.enrollment.identity_check import IdentityCheck, IdentityClaim, check_identity
from shard.enrollment.person import EnrollmentOptions, Person
from shard.enrollment.refusals import record_refusal
from shard.enrollment.single_face import second_vector, single_face
from shard.gallery.enrollment import EnrollResult
from shard.gallery.template_rows import NewTemplate
from shard.index.collection import Collection
from shard.recognition.messages import box_of
from shard.service import Service


async def enroll(
    service: Service,
    picture: bytes,
    person: Person,
    options: EnrollmentOptions,
    deadline: Deadline,
) -> EnrollAnswer:
    """Store the one face of the picture, unless the FaceId has it already.

    Raises an EnrollmentRefused, a PictureError, PictureErased when that was asked for,
    BadRequest for a new FaceId that looks minted, and a DoubtfulPicture when the face is not like
    the FaceId's own or like somebody else's; with `force` the answer's warnings say so instead.
    """
    service.check_writable()
    collection = service.collection
    digest = hashlib.sha256(picture).hexdigest()
    if kind := await service.threads.record(
        deadline, _unchanged, service, person, digest, options.keep
    ):
        return EnrollAnswer(
            store=service.store.id,
            face_id=person.face_id,
            kind=kind,
            outcome="unchanged",
            member=person.member,
        )
    try:
        face = service.recent.take(digest, options.detection)
        face = face or await single_face(service, picture, options, deadline)
    except EncoderCrashed:
        raise  # the machine may be to blame: the picture is tried again
    except (EnrollmentRefused, PictureError) as error:
        await record_refusal(service, person, digest, error.detail, deadline)
        raise
    template = NewTemplate(
        face.to_enroll,
        service.encoder.model,
        face.confidence,
        person.source,
        digest,
        file=picture if options.keep else None,
        second=second_vector(service, face),
    )
    try:
        stored, warnings = await service.threads.record(
            deadline, _store, collection, person, template, options.rate
        )
    except DoubtfulPicture as error:
        # Because of what the store holds, which may change: an import tries the file again.
        await record_refusal(service, person, digest, error.detail, deadline, try_again=True)
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


def _store(
    collection: Collection, person: Person, template: NewTemplate, rate: float
) -> tuple[EnrollResult, Sequence[EnrollWarning]]:
    """Check and store a template in one step; return the warnings that remain.

    Raises a DoubtfulPicture. A picture that is stored already is not checked any more.
    """
    check = IdentityCheck()
    if not collection.gallery.has_picture(person.face_id, template):
        claim = IdentityClaim(person.face_id, person.member_id, template)
        check = check_identity(collection, claim, rate)
    if check.refusal is not None and not person.force:
        raise check.refusal
    stored = collection.enroll(person.face_id, template, person.member_id, person.roams)
    return stored, check.warnings


def _unchanged(service: Service, person: Person, digest: str, keep: bool) -> Kind | None:
    """Return what kind `person` is when storing this picture would change nothing.

    It would when a model has no template of it, or its file is to be kept and is not.
    """
    gallery = service.collection.gallery
    if person.source and gallery.imports.is_erased(person.face_id, digest):
        raise PictureErased(
            "this picture was erased; to bring it back, enrol it without its source"
        )
    known = gallery.imports.source(person.source) if person.source else None
    if known is None or (known.digest, known.face_id) != (digest, person.face_id):
        return None
    if known.outcome != "enrolled":
        return None
    if gallery.imports.incomplete(service.model_names, keep, known.source):
        return None
    record = gallery.face(person.face_id)
    bound = record.member.member_id if record.member else None
    same = person.member_id in {None, bound} and person.roams in {None, record.cross_store}
    return record.kind if same else None
