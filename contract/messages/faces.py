"""A store's gallery: FaceIds, their pictures, and what enrolling answers."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from contract.messages.face import Box, MemberCard
from contract.messages.message import Kind, Message, Outcome, Score, TemplateId
from contract.messages.model_templates import NameOfVectors
from contract.text.identifiers import FaceId

MOST_ENROLLED = 256
"""Vectors in one request: they are stored in a quarter of a second, in which nobody is enrolled."""


class Template(Message):
    """One stored vector of a FaceId, without the vector."""

    template_id: int
    seq: int = Field(description="the store's change sequence at which it was stored")
    model: str
    source: str | None = None
    quality: float
    created_at: str = Field(description="UTC, ISO 8601")
    learned_from: str | None = Field(
        default=None, description="the visit that it was learned from; null of pictures"
    )


class VisitHistory(Message):
    """How often somebody came; `days_in_30` counts the days of the last 30 with a visit."""

    count: int
    first_seen: str | None = None
    last_seen: str | None = None
    days_in_30: int = 0


class FaceRecord(Message):
    """A FaceId as its store has it."""

    face_id: str
    store: str
    kind: Kind
    member: MemberCard | None = None
    provisional: bool = False
    cross_store: bool = Field(default=True, description="other stores may find the member")
    created_at: str
    templates: list[Template]
    visits: VisitHistory | None = Field(
        default=None, description="of one FaceId, as the gateway knows"
    )


class FacePage(Message):
    """A page of FaceIds in the order of their names; `next_after` starts the next page."""

    faces: list[FaceRecord]
    next_after: str | None = None


class EnrollWarning(Message):
    """What is odd about an enrolment.

    `UNLIKE_OWN_FACE`: the FaceId's other pictures show somebody else: `score` is below what is
    `needed`. `ALREADY_ENROLLED`: the same face is enrolled as `face_id`: `score` is at least what
    is `needed`. `NO_CONSENT`: the member has not agreed to be found by other stores.
    """

    code: Literal["UNLIKE_OWN_FACE", "ALREADY_ENROLLED", "NO_CONSENT"]
    detail: str
    face_id: str | None = None
    member: MemberCard | None = Field(default=None, description="to whom `face_id` is bound")
    score: Score | None = None
    needed: Score | None = None


class EnrollAnswer(Message):
    """What an enrolment stored.

    `replaced`: instead of what the same source gave before. `unchanged`: the FaceId has this
    picture already. `template_id` names the picture among those of the FaceId.
    """

    store: str
    face_id: str
    kind: Kind
    outcome: Outcome
    template_id: int | None = None
    member: MemberCard | None = None
    box: Box | None = None
    quality: float | None = None
    warnings: list[EnrollWarning] = []


class NamedVector(Message):
    """A vector, and whose face it describes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    face_id: FaceId
    vector: str = Field(
        max_length=100_000, description="little-endian float32 in base64; of any length but zero"
    )


class VectorsDraft(Message):
    """Vectors of one model. A FaceId that has several is on several pictures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: NameOfVectors
    faces: Annotated[list[NamedVector], Field(min_length=1, max_length=MOST_ENROLLED)]


class VectorsAnswer(Message):
    """What became of the vectors that were sent.

    `unchanged`: their FaceIds have them already. `erased` are FaceIds whose vector was not taken,
    because it is of somebody who was erased.
    """

    store: str
    enrolled: int
    unchanged: int
    erased: list[str] = []


class PictureLikeness(Message):
    """How alike the one face of a picture is to those of pictures that were compared before.

    From `needed` on two pictures show one person. A score is null when its picture was not shown
    lately.
    """

    digest: str = Field(description="SHA-256 of the file, hex: what to compare the next one with")
    scores: list[Score | None]
    needed: Score


class TemplateRemoval(Message):
    """A picture of a FaceId that was removed; the FaceId has `templates` left."""

    store: str
    face_id: str
    template_id: TemplateId
    templates: int
    seq: int = Field(description="the store's change from which on nothing of it is left")


class ErasedAnswer(Message):
    """What an erasure removed."""

    store: str
    face_id: str
    templates: int


class Source(Message):
    """A picture that was imported, left out with the reason, or erased since."""

    source: str
    digest: str = Field(
        description="SHA-256 of the file, hex; empty where it should come again, for both models"
        " of the store to have a template of it, or for it to be kept"
    )
    face_id: str
    outcome: Literal["enrolled", "refused", "erased"]
    reason: str | None = None


class SourceList(Message):
    """The imported pictures whose source starts with the asked prefix."""

    sources: list[Source]
