"""Whether a face that is to be enrolled is its FaceId's: like its templates, like nobody else's.

The score is that of a recognition: with the mean direction of a FaceId's templates. How it was
measured: docs/accuracy.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from contract.errors import AlreadyEnrolled, DoubtfulPicture, UnknownFace, UnlikeOwnFace
from contract.messages.faces import EnrollWarning, FaceRecord
from shard.gallery.template_rows import NewTemplate
from shard.index.collection import Collection
from shard.index.hit import Hit

_SHOWN = 5
"""FaceIds of whom an enrolment warns, at the most."""


class IdentityCheck(NamedTuple):
    """The warnings about an enrolment, and the error to refuse it with unless it is forced."""

    warnings: Sequence[EnrollWarning] = ()
    refusal: DoubtfulPicture | None = None


@dataclass(frozen=True, eq=False)
class IdentityClaim:
    """The claim that `template` shows the person of a FaceId, to be bound to `member_id`."""

    face_id: str
    member_id: str | None
    template: NewTemplate

    def replaces(self, source: str | None) -> bool:
        """Say whether the template replaces those of `source`."""
        return source is not None and source == self.template.source


def check_identity(collection: Collection, claim: IdentityClaim, rate: float) -> IdentityCheck:
    """Check a claim. A share `rate` of strangers may match somebody.

    A face that is like the FaceId's own templates, and less like anybody else's, is not refused;
    the warnings name the others who are like it all the same.
    """
    record = _record(collection, claim.face_id)
    own = None if record is None else _own_likeness(collection, record, claim)
    others = _members_alike(collection, record, claim, rate)
    if own is not None and own < collection.least_likeness:
        warnings = [_unlike_own(claim.face_id, own, collection.least_likeness), *others]
        return IdentityCheck(warnings, UnlikeOwnFace(warnings))
    is_theirs = any(own is None or (other.score or 0) > own for other in others)
    return IdentityCheck(others, AlreadyEnrolled(others) if is_theirs else None)


def _record(collection: Collection, face_id: str) -> FaceRecord | None:
    try:
        return collection.gallery.face(face_id)
    except UnknownFace:
        return None


def _own_likeness(collection: Collection, record: FaceRecord, claim: IdentityClaim) -> float | None:
    """Return the score with the FaceId's own templates; None when there are none to compare with.

    Templates that the picture replaces do not count.
    """
    stored = collection.vectors_of(record.face_id)
    former = {each.template_id for each in record.templates if claim.replaces(each.source)}
    kept = [vector for number, vector in stored.items() if number not in former]
    return collection.likeness(claim.template.vector, kept) if kept else None


def _members_alike(
    collection: Collection, record: FaceRecord | None, claim: IdentityClaim, rate: float
) -> list[EnrollWarning]:
    """Return the members who have this face, other than the one who is to get it."""
    bound = record.member.member_id if record and record.member else None
    member_id = claim.member_id or bound
    [hits] = collection.search(claim.template.vector[None, :], _SHOWN + 1, "own members")
    needed = collection.threshold(rate)
    return [
        _already_enrolled(hit, needed)
        for hit in hits
        if hit.score >= needed
        and hit.face.face_id != claim.face_id
        and (member_id is None or hit.face.member_id != member_id)
        and not collection.are_distinct(hit.face.face_id, claim.face_id)
        and not _is_replaced(collection, hit.face.face_id, claim)
    ][:_SHOWN]


def _is_replaced(collection: Collection, face_id: str, claim: IdentityClaim) -> bool:
    """Say whether all templates of a FaceId are of the picture's source, and thus replaced."""
    record = _record(collection, face_id)
    return record is None or all(claim.replaces(each.source) for each in record.templates)


def _unlike_own(face_id: str, score: float, needed: float) -> EnrollWarning:
    return EnrollWarning(
        code="UNLIKE_OWN_FACE",
        detail=f"the face is not like the other pictures of {face_id}: score {score:.2f},"
        f" {needed:.2f} is needed",
        face_id=face_id,
        score=score,
        needed=needed,
    )


def _already_enrolled(hit: Hit, needed: float) -> EnrollWarning:
    return EnrollWarning(
        code="ALREADY_ENROLLED",
        detail=f"the face is already enrolled as {hit.face.face_id}: score {hit.score:.2f},"
        f" {needed:.2f} is needed",
        face_id=hit.face.face_id,
        member=hit.face.member,
        score=hit.score,
        needed=needed,
    )
