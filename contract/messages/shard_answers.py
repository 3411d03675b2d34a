"""What shards answer the gateway: faces found, encoded, searched and minted.

What a search in several stores of one process asks is here, too.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from contract.messages.by_kind import ByKind
from contract.messages.face import Box, Candidate, MemberCard, TrackState
from contract.messages.lesson import Lesson
from contract.messages.message import Distance, Kind, Message, Place, Scope, Score, Threshold, Unfit

MOST_STORES = 10_000
_Rate = Annotated[float, Field(gt=0, le=0.5, strict=True)]
Needed: TypeAlias = ByKind[float | None]
"""The scores from which a face is a member's, and a visitor's; None when nothing was searched."""


class ShardFace(Message):
    """A face as its home shard sees it.

    `vector` goes with those that other stores may know better: with an unknown face, and with a
    visitor in a later frame of a track, whom its first frame may have named too early.
    """

    box: Box
    match: Literal["home", "unknown"]
    face_id: str | None = None
    kind: Kind | None = None
    score: Score | None = None
    threshold: Threshold = None
    distance: Distance | None = None
    member: MemberCard | None = None
    provisional: bool = False
    track: TrackState | None = None
    candidates: list[Candidate] | None = None
    vector: str | None = Field(
        default=None,
        description="base64 of the little-endian float32 vector; for the gateway alone",
    )
    place: Place | None = Field(default=None, description="where there is a vector")
    second_vector: str | None = Field(
        default=None, description="what the second model makes of it, where there is a vector"
    )
    unfit: Unfit | None = Field(
        default=None, description="why nobody would know an unknown face again"
    )
    sighting: str | None = Field(
        default=None, description="under which name the shard keeps the vector for a while"
    )
    lesson: Lesson | None = Field(
        default=None, description="what the visit teaches, where it is sure who came"
    )
    second_lesson: Lesson | None = Field(
        default=None, description="what it teaches the second model, which knows little of them"
    )

    @property
    def is_open(self) -> bool:
        """True when other stores may know better who it is."""
        return self.match == "unknown" or self.vector is not None


class ShardTiming(Message):
    """Milliseconds that the shard spent; `queue` is the wait for an encoder worker."""

    encode: float
    search: float
    total: float


class ShardAnswer(Message):
    """What a shard's `POST /recognize` answers. `result` is the largest face's FaceId or null.

    `cohort` names the strangers among whom the faces have their places, `second_model` what made
    the second vectors.
    """

    result: str | None
    store: str
    model: str
    cohort: str | None = None
    second_model: str | None = None
    faces: list[ShardFace]
    timing_ms: ShardTiming
    request_id: str | None = None


class EncodedFace(Message):
    """A face and its vector, for a gateway whose home shard is down."""

    box: Box
    quality: float
    vector: str
    place: Place | None = None
    second_vector: str | None = Field(default=None, description="as in ShardFace")
    track: TrackState | None = None
    unfit: Unfit | None = Field(default=None, description="as in ShardFace")


class EncodeAnswer(Message):
    """What a shard's `POST /encode` answers: faces, largest first; models as in ShardAnswer."""

    model: str
    cohort: str | None = None
    second_model: str | None = None
    faces: list[EncodedFace]
    encode_ms: float


class SearchAnswer(Message):
    """What a shard's `POST /search` answers: for every vector, its best candidates, best first.

    `thresholds` are the scores that members needed, one for each vector, `visitor_thresholds` those
    that visitors needed: none from a shard of a release that has one limit for both.
    `certain_thresholds` are those from which it is so certain which member it is that no other
    store has to be heard: none from a shard of a former release.
    """

    store: str
    model: str
    results: list[list[Candidate]]
    thresholds: list[Threshold]
    visitor_thresholds: list[Threshold] = []
    certain_thresholds: list[Threshold] = []

    @property
    def needed(self) -> list[Needed]:
        """The scores that were needed, for each vector."""
        return list(map(Needed, self.thresholds, self.visitor_thresholds or self.thresholds))


class JointSearchOrder(Message):
    """What `POST /search/together` takes: what `/search` does, for several stores at once."""

    stores: list[str] = Field(min_length=1, max_length=MOST_STORES)
    model: str
    vectors: str = Field(description="base64 of n×d little-endian float32")
    frames: list[Annotated[int, Field(ge=1, le=999_999, strict=True)]] = Field(
        description="how many pictures each vector is fused from"
    )
    k: int = Field(ge=1, le=20, strict=True)
    scope: Scope
    rate: _Rate
    visitor_rate: _Rate
    templates: int = Field(ge=0, le=10**12, strict=True)
    cohort: str = ""
    places: list[Place] = []


class JointSearchAnswer(Message):
    """What it answers.

    `answers` are those of the stores in which somebody is among the `k` most alike of all these
    stores, or passes, or is not clearly less alike than who passes: what each of them would answer
    by itself. Whoever is in `others` was searched as well, and has nobody of that kind. `failed`
    says why a store could not be searched, by the code of its refusal.
    """

    answers: list[SearchAnswer]
    others: list[str] = []
    failed: dict[str, str] = {}


class MintedFace(Message):
    """The FaceId of a stranger: minted now, or the one that the same person got a moment before."""

    face_id: str
    minted: bool
    kind: Kind
    provisional: bool
    score: Score | None = None
    distance: Distance | None = None
    member: MemberCard | None = None


class MintAnswer(Message):
    """What a shard's `POST /faces/mint` answers: for every vector its FaceId."""

    store: str
    faces: list[MintedFace]
