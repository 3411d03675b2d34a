"""What the gateway answers cameras, and people who search with a picture."""

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from contract.messages.directory.status import DirectoryUse
from contract.messages.face import Box, Candidate, MemberCard, TrackState
from contract.messages.lesson import Lesson
from contract.messages.message import Distance, Kind, Match, Message, Score, Threshold, Unfit


class Coverage(Message):
    """Which stores were asked. `complete` when none of them has failed.

    `failed` names the reason by store, `skipped` the stores whose policy forbids asking. The
    answers of `unawaited` stores were not waited for: those that were there made it certain who
    came. `directory` says which stores were not asked as it has nobody of them who is alike.
    """

    asked: int
    answered: int
    failed: dict[str, str] = {}
    skipped: dict[str, str] = {}
    unawaited: list[str] = []
    directory: DirectoryUse | None = None
    complete: bool


class VisitMark(Message):
    """The visit that a face is part of.

    `new`: this frame opened it. `count`: how many visits of this person the chain has seen.
    `returning`: not the person's first visit to this store.
    """

    id: str
    new: bool
    count: int
    returning: bool


class RecognizedFace(Message):
    """A face as the camera gets it."""

    box: Box
    match: Match
    face_id: str | None = None
    store: str | None = Field(default=None, description="the store that knows the face")
    kind: Kind | None = None
    score: Score | None = None
    threshold: Threshold = None
    distance: Distance | None = None
    member: MemberCard | None = None
    provisional: bool = False
    unfit: Unfit | None = Field(
        default=None,
        description=(
            "why nobody would know this unknown face again: too small, too dark, blurred or turned,"
            " or hardly a face; it gets no FaceId, unless the store counts such faces"
        ),
    )
    track: TrackState | None = None
    visit: VisitMark | None = None
    candidates: list[Candidate] | None = None
    sighting: SkipJsonSchema[str | None] = Field(default=None, exclude=True)
    """As in ShardFace; for the record alone."""
    lesson: SkipJsonSchema[Lesson | None] = Field(default=None, exclude=True)
    """As in ShardFace; for who teaches FaceIds alone."""
    second_lesson: SkipJsonSchema[Lesson | None] = Field(default=None, exclude=True)
    """Likewise."""


class Timing(Message):
    """Milliseconds: encoding, the home shard's whole answer, the fan-out, the whole request."""

    encode: float
    home: float
    fan_out: float
    total: float


class RecognizeAnswer(Message):
    """What the gateway answers a camera.

    `captured_at` is the moment that counts for the visits; `clock_ahead`: the camera's clock is
    more than a minute ahead of the gateway's, whose time was taken.
    """

    store: str
    captured_at: str | None = None
    clock_ahead: bool = False
    faces: list[RecognizedFace]
    coverage: Coverage
    timing_ms: Timing
    request_id: str | None = None


class SearchedFace(Message):
    """A face of a searched picture and who it may be, in any store, best first."""

    box: Box
    match: Candidate | None = None
    candidates: list[Candidate] = []


class SearchPictureAnswer(Message):
    """What the gateway's `POST /v1/search` answers."""

    faces: list[SearchedFace]
    coverage: Coverage
    request_id: str | None = None


class CompareAnswer(Message):
    """Whether the largest faces of two pictures are one person."""

    same: bool
    score: Score
    threshold: Score
    distance: Distance
