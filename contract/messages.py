"""The messages between cameras, gateway and shards, as JSON.

`score` is larger for more alike and means the same in every store, see `contract.scoring`; a face
matches from the `threshold` on that was needed for it, which grows with the FaceIds searched.
`distance` is the L2 distance of the face vectors, from 0 to 2.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

Kind = Literal["member", "visitor"]
Scope = Literal["members", "everyone"]
"""Which of a shard's indexes a search from outside may see."""
Match = Literal["home", "roaming", "new", "unknown"]
Outcome = Literal["enrolled", "replaced", "unchanged"]

TemplateId = Annotated[int, Field(ge=1, le=2**63 - 1, description="number of a picture")]
Distance = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Score = Annotated[float, Field(allow_inf_nan=False)]
Threshold = Annotated[
    Score | None, Field(description="the score that was needed; null when nothing was searched")
]
_FARTHEST = 1000.0
"""No place is so far away: what is let through stays finite in float32, and a divisor."""
Place = tuple[
    Annotated[float, Field(ge=-_FARTHEST, le=_FARTHEST, allow_inf_nan=False)],
    Annotated[float, Field(ge=1 / _FARTHEST, le=_FARTHEST, allow_inf_nan=False)],
]
"""How near strangers come to a face: mean and deviation, see `contract.scoring.Places`."""


class Message(BaseModel):
    """Base of every message: unknown fields are ignored, so that old and new releases can talk."""

    model_config = ConfigDict(frozen=True)


class Box(Message):
    """A face's place in pixels of the upright original; right and bottom are exclusive."""

    top: int
    right: int
    bottom: int
    left: int


class MemberCard(Message):
    """The member that a FaceId is bound to."""

    member_id: str
    name: str | None = None
    tags: list[str] = []


class TrackState(Message):
    """What a track knows: `frames` pictures of one person, whose fused vector decides.

    `id` is the camera's name for the track; null for pictures that came in one request.
    """

    id: str | None = None
    frames: int


class Candidate(Message):
    """A FaceId of a store and how alike it is to the face that was searched."""

    face_id: str
    store: str
    kind: Kind
    score: Score
    distance: Distance
    passes: bool = Field(description="whether the score reaches the threshold")
    member: MemberCard | None = None
    provisional: bool = False


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
    sighting: str | None = Field(
        default=None, description="under which name the shard keeps the vector for a while"
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

    `cohort` names the strangers among whom the faces have their places.
    """

    result: str | None
    store: str
    model: str
    cohort: str | None = None
    faces: list[ShardFace]
    timing_ms: ShardTiming
    request_id: str | None = None


class EncodedFace(Message):
    """A face and its vector, for a gateway whose home shard is down."""

    box: Box
    quality: float
    vector: str
    place: Place | None = None
    track: TrackState | None = None


class EncodeAnswer(Message):
    """What a shard's `POST /encode` answers: faces, largest first; `cohort` as in ShardAnswer."""

    model: str
    cohort: str | None = None
    faces: list[EncodedFace]
    encode_ms: float


class SearchAnswer(Message):
    """What a shard's `POST /search` answers: for every vector, its best candidates, best first.

    `thresholds` are the scores that were needed, one for each vector.
    """

    store: str
    model: str
    results: list[list[Candidate]]
    thresholds: list[Threshold]


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


class Coverage(Message):
    """Which stores were asked. `complete` when every store that may be asked has answered.

    `failed` names the reason by store, `skipped` the stores whose policy forbids asking.
    """

    asked: int
    answered: int
    failed: dict[str, str] = {}
    skipped: dict[str, str] = {}
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
    track: TrackState | None = None
    visit: VisitMark | None = None
    candidates: list[Candidate] | None = None
    sighting: SkipJsonSchema[str | None] = Field(default=None, exclude=True)
    """As in ShardFace; for the record alone."""


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


class Footfall(Message):
    """What is counted; docs/visits.md defines each. `dwell_s` is the average."""

    pv: int
    uv: int
    new: int
    returning: int
    roaming: int
    members: int
    dwell_s: float | None = Field(description="null when nobody came")


class FootfallRow(Footfall):
    """One hour, day or week; `start` is what the clock of the store shows when it begins.

    `state`: over, under way, or not begun yet; in a chain of several time zones it is over, or not
    begun, when it is in every store.
    """

    start: str
    state: Literal["whole", "so far", "to come"] = "whole"


class EarlierFootfall(Footfall):
    """The same range some days before, to compare with: the `rows` are of it as a whole.

    When the range is under way the sums are of the visits that had begun by the same time of those
    days, by each store's own clock.
    """

    model_config = ConfigDict(populate_by_name=True)

    from_: str = Field(alias="from")
    to: str
    rows: list[FootfallRow]


class TrafficAnswer(Footfall):
    """What the gateway's `GET …/traffic` answers: a row for every bucket, and the whole range.

    `store` is null for the chain, `timezone` where its stores have different ones: each counts by
    its own clock. `from` is in the range, `to` is not. `so_far`: the range is not over yet.
    """

    model_config = ConfigDict(populate_by_name=True)

    store: str | None
    from_: str = Field(alias="from")
    to: str
    by: Literal["hour", "day", "week"]
    timezone: str | None
    so_far: bool = False
    counted_until: str | None = Field(
        default=None,
        description="what the clock shows now, when the range is not over and all stores have one",
    )
    rows: list[FootfallRow]
    earlier: EarlierFootfall | None = Field(
        default=None, description="where `against` says how many days before"
    )


class RoamingRow(Message):
    """Visits to `store` by members (or, where they may be searched, visitors) of `home_store`."""

    store: str
    home_store: str
    visits: int
    visitors: int


class RoamingAnswer(Message):
    """What the gateway's `GET /v1/traffic/roaming` answers."""

    model_config = ConfigDict(populate_by_name=True)

    from_: str = Field(alias="from")
    to: str
    rows: list[RoamingRow]


class DemoAnswer(Message):
    """How many made-up visits were stored or removed."""

    visits: int


class TracedVisit(Message):
    """One visit of a member. Times are ISO 8601, in UTC."""

    visit: str
    store: str
    match: Literal["home", "roaming", "new"]
    first_at: str
    last_at: str


class TraceAnswer(Message):
    """What the gateway's `GET /v1/members/{id}/trace` answers: visits, the last first.

    `next_before` asks for the page after this one.
    """

    member_id: str
    visits: list[TracedVisit]
    next_before: int | None = None


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


class Template(Message):
    """One stored vector of a FaceId, without the vector."""

    template_id: int
    seq: int = Field(description="the store's change sequence at which it was stored")
    model: str
    source: str | None = None
    quality: float
    created_at: str = Field(description="UTC, ISO 8601")


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


class EnrolWarning(Message):
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


class EnrolAnswer(Message):
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
    warnings: list[EnrolWarning] = []


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
    digest: str = Field(description="SHA-256 of the file, hex")
    face_id: str
    outcome: Literal["enrolled", "refused", "erased"]
    reason: str | None = None


class SourceList(Message):
    """The imported pictures whose source starts with the asked prefix."""

    sources: list[Source]


class Counts(Message):
    """How much a shard holds: FaceIds, those of both kinds, and all their templates.

    `roaming` are the members whom other stores may find.
    """

    faces: int
    members: int
    visitors: int
    templates: int
    roaming: int = 0
    provisional: int = 0


class Share(Message):
    """A share or a score, and the interval that holds 95% of its bootstrap values over people."""

    value: float
    low: float
    high: float


class ScoreHistogram(Message):
    """How many pairs have scores between neighbouring edges; the outer bins take what is beyond."""

    edges: list[float]
    genuine: list[int] = Field(description="a picture and the others of the same FaceId")
    impostor: list[int] = Field(description="a picture and another FaceId")


class Calibration(Message):
    """What a store's own templates say about its threshold."""

    store: str
    faces: int = Field(description="FaceIds compared")
    several: int = Field(description="FaceIds with two templates or more")
    rate: float = Field(description="the share of strangers that is wanted")
    threshold: Score = Field(description="the score that facegate asks for this rate")
    scores: ScoreHistogram
    strangers: Share | None = Field(
        default=None, description="the share that passes `threshold` when all others are searched"
    )
    members: Share | None = Field(default=None, description="the share that passes `threshold`")
    score: Share | None = Field(
        default=None, description="the score that the wanted share of these people reaches"
    )
    recommended: float | None = Field(
        default=None, description="the option `threshold` with which `score` is asked"
    )
    doubts: list[str] = Field(default=[], description="why this should not be trusted")


class BackgroundStatus(Message):
    """One piece of what a service does by itself, beside the requests."""

    name: str
    running: bool = Field(description="false between its end and its next beginning")
    failures: int = Field(description="how often it ended unexpectedly since the service started")
    last_error: str | None = None
    failed_at: str | None = None


class ShardStatus(Message):
    """What a shard's `GET /status` answers. `seq` is the store's last change."""

    store: str
    ready: bool
    read_only: bool
    model: str | None
    counts: Counts
    seq: int
    importing: str | None = Field(default=None, description="progress of the import at start")
    imported: dict[str, int] = Field(
        default={}, description="what became of the pictures in the store's folder at start"
    )
    problem: str | None = Field(
        default=None,
        description="what is wrong with the files that the shard keeps, and how to repair them",
    )
    version: str
    background: list[BackgroundStatus] = []


class ReplicaStatus(Message):
    """A replica as the gateway sees it."""

    address: str
    healthy: bool
    in_flight: int
    reason: str | None = None
    status: ShardStatus | None = None


class StoreStatus(Message):
    """A store of the map and its replicas."""

    store: str
    name: str
    cross_store: str
    options: dict[str, str | int | float | None] = Field(
        default={}, description="the map's other options, as they are in force"
    )
    healthy: bool
    replicas: list[ReplicaStatus]


class MapStatus(Message):
    """The map that is in force, and what is wrong with the file if it is not this one."""

    version: str
    path: str
    loaded_at: str
    error: str | None = None


class StoredGallery(Message):
    """A gallery in the data folder; `faces` is null when it cannot be read."""

    store: str
    path: str
    faces: int | None


class ClockStatus(Message):
    """Whether the clock is believed: what expires by age waits while it has jumped ahead."""

    steady: bool
    ahead_seconds: int = Field(default=0, description="how far it is ahead of the believed time")
    believed: str | None = Field(default=None, description="the time that things expire by")
    waits_seconds: int = Field(default=0, description="how long until it is believed")


class ClusterStatus(Message):
    """What the gateway's `GET /v1/cluster` answers."""

    map: MapStatus
    problem: str | None = Field(
        default=None, description="what is wrong with the gateway's own record"
    )
    orphans: list[StoredGallery] = Field(
        default=[], description="galleries in the gateway's data folder whose store no map names"
    )
    stores: list[StoreStatus]
    background: list[BackgroundStatus] = Field(
        default=[], description="what this gateway does by itself"
    )
    clock: ClockStatus = ClockStatus(steady=True)


class StoreSummary(Message):
    """One store as users choose it."""

    store: str
    name: str
    healthy: bool
    faces: int | None = None


class StoreList(Message):
    """What the gateway's `GET /v1/stores` answers."""

    stores: list[StoreSummary]


class Problem(Message):
    """The one error shape, RFC 9457 `application/problem+json`, with a stable `code`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str | None = None
    warnings: list[EnrolWarning] = Field(
        default=[], description="what speaks against an enrolment; `force=true` stores it anyway"
    )
