"""Example answers for the API's documentation: real messages, so that they cannot go stale."""

from typing import Any

from contract.messages.calibration import Calibration, ScoreHistogram, Share
from contract.messages.cluster import (
    ClusterStatus,
    Counts,
    MapStatus,
    ReplicaStatus,
    ShardStatus,
    StoreList,
    StoreStatus,
    StoreSummary,
)
from contract.messages.face import Box, Candidate, MemberCard
from contract.messages.faces import (
    EnrollAnswer,
    FacePage,
    FaceRecord,
    PictureLikeness,
    Source,
    SourceList,
    Template,
    TemplateRemoval,
)
from contract.messages.live import LastVisit, Present, VisitCard, VisitEvent
from contract.messages.message import Message
from contract.messages.recognition import (
    CompareAnswer,
    Coverage,
    RecognizeAnswer,
    RecognizedFace,
    SearchedFace,
    SearchPictureAnswer,
    Timing,
    VisitMark,
)
from contract.messages.traffic import (
    DemoAnswer,
    FootfallRow,
    RoamingAnswer,
    RoamingRow,
    TraceAnswer,
    TracedVisit,
    TrafficAnswer,
)
from contract.messages.webhooks import WebhookList, WebhookStatus

_BOX = Box(top=61, right=190, bottom=190, left=61)
_MEMBER = MemberCard(member_id="m-17", name="张三", tags=["vip"])
_CANDIDATE = Candidate(
    face_id="095",
    store="store-a",
    kind="member",
    score=7.31,
    distance=0.31,
    passes=True,
    member=_MEMBER,
)
_COVERAGE = Coverage(asked=3, answered=2, failed={"store-c": "timeout"}, complete=False)
_REQUEST = "5f0c6a1e9d5b4a0c8f0e8f3f6d7b9a21"
_WHEN = "2026-05-04T09:30:00+00:00"

RECOGNIZED = RecognizeAnswer(
    store="store-b",
    faces=[
        RecognizedFace(
            box=_BOX,
            match="roaming",
            face_id="095",
            store="store-a",
            kind="member",
            score=7.31,
            threshold=4.97,
            distance=0.31,
            member=_MEMBER,
            visit=VisitMark(id="481516", new=True, count=4, returning=False),
            candidates=[_CANDIDATE],
        )
    ],
    captured_at=_WHEN,
    coverage=_COVERAGE,
    timing_ms=Timing(encode=31.2, home=33.0, fan_out=4.1, total=39.0),
    request_id=_REQUEST,
)
LIKENESS = PictureLikeness(digest="5f" * 32, scores=[7.31, -4.2], needed=-0.4)
ENROLLED = EnrollAnswer(
    store="store-a", face_id="095", kind="member", outcome="enrolled", box=_BOX, quality=1.4
)
UNCHANGED = EnrollAnswer(store="store-a", face_id="095", kind="member", outcome="unchanged")
FACE = FaceRecord(
    face_id="095",
    store="store-a",
    kind="member",
    member=_MEMBER,
    created_at=_WHEN,
    templates=[
        Template(
            template_id=1,
            seq=1,
            model="dlib-resnet-v1-0123456789ab",
            source="store-a/095_0.bmp",
            quality=1.4,
            created_at=_WHEN,
        )
    ],
)
FACES = FacePage(faces=[FACE], next_after="095")
REMOVED = TemplateRemoval(store="store-a", face_id="095", template_id=3, templates=2, seq=432)
SOURCES = SourceList(
    sources=[
        Source(source="store-a/095_0.bmp", digest="9f86d081…", face_id="095", outcome="enrolled")
    ]
)
SEARCHED = SearchPictureAnswer(
    faces=[SearchedFace(box=_BOX, match=_CANDIDATE, candidates=[_CANDIDATE])],
    coverage=_COVERAGE,
    request_id=_REQUEST,
)
COMPARED = CompareAnswer(same=True, score=7.31, threshold=-2.94, distance=0.31)
CLUSTER = ClusterStatus(
    map=MapStatus(version="c0ffee123456", path="stores.yaml", loaded_at=_WHEN),
    stores=[
        StoreStatus(
            store="store-a",
            name="West Lake",
            cross_store="members",
            healthy=True,
            replicas=[
                ReplicaStatus(
                    address="127.0.0.1:5001",
                    healthy=True,
                    in_flight=0,
                    status=ShardStatus(
                        store="store-a",
                        ready=True,
                        read_only=False,
                        model="dlib-resnet-v1-0123456789ab",
                        counts=Counts(faces=2, members=1, roaming=1, visitors=1, templates=3),
                        seq=3,
                        version="0.1.0",
                    ),
                )
            ],
        )
    ],
)
_CARD = VisitCard(
    visit="42",
    store="store-b",
    camera="door",
    match="roaming",
    kind="member",
    face_id="095",
    home="store-a",
    member=_MEMBER,
    score=7.31,
    first_at="2026-05-04T09:30:00.000Z",
    last_at="2026-05-04T09:30:00.000Z",
    visits=4,
    visits_here=1,
    last_visit=LastVisit(store="store-a", at="2026-05-01T17:02:11.000Z"),
    usual_store="store-a",
)
PRESENT = Present(
    store="store-b",
    now="2026-05-04T09:30:01.000Z",
    position="117.0",
    visit_gap_seconds=1800,
    visits=[_CARD],
)
VISIT = VisitEvent(change="opened", at="2026-05-04T09:30:00.420Z", card=_CARD)
LIVE = f"id: 118.0\nevent: visit\ndata: {VISIT.model_dump_json()}\n\n"
WEBHOOK = WebhookStatus(
    webhook="erp",
    url="https://erp.example/facegate",
    pending=2,
    failing_stores=1,
    attempts=3,
    next_try_at="2026-05-04T09:30:04.000Z",
    error="HTTP 503",
)
DEMO = DemoAnswer(visits=1640)
WEBHOOKS = WebhookList(webhooks=[WEBHOOK])
STORES = StoreList(stores=[StoreSummary(store="store-a", name="West Lake", healthy=True, faces=2)])
_FOOTFALL = {
    "pv": 412,
    "uv": 371,
    "new": 198,
    "returning": 214,
    "roaming": 9,
    "members": 120,
    "dwell_s": 754.2,
}
_RANGE = {"from_": "2026-05-04", "to": "2026-05-05", "by": "day", "timezone": "Asia/Shanghai"}
_DAY = FootfallRow(start="2026-05-04", **_FOOTFALL)
TRAFFIC = TrafficAnswer(store="store-a", rows=[_DAY], **_RANGE, **_FOOTFALL)
CHAIN_TRAFFIC = TrafficAnswer(store=None, rows=[_DAY], **_RANGE, **_FOOTFALL)
TRACE = TraceAnswer(
    member_id="m-17",
    visits=[
        TracedVisit(
            visit="481516",
            store="store-b",
            match="roaming",
            first_at="2026-05-04T09:30:00.000Z",
            last_at="2026-05-04T09:42:10.000Z",
        )
    ],
)
ROAMING = RoamingAnswer(
    from_="2026-05-04",
    to="2026-05-05",
    rows=[RoamingRow(store="store-a", home_store="store-b", visits=9, visitors=7)],
)


def answer(
    example: Message,
    status: int = 200,
    model: type[Message] | None = None,
    table: bool = False,
) -> dict[int | str, dict[str, Any]]:
    """Return `example` as OpenAPI wants it; `model` where the route itself does not name it.

    `table`: the route also answers CSV.
    """
    content: dict[str, Any] = {
        "application/json": {"example": example.model_dump(mode="json", by_alias=True)}
    }
    if table:
        content["text/csv"] = {"schema": {"type": "string"}}
    return {status: {"content": content, **({"model": model} if model else {})}}


CALIBRATION = Calibration(
    store="store-a",
    faces=120,
    several=48,
    rate=0.01,
    threshold=6.2,
    scores=ScoreHistogram(edges=[-20, 0, 6, 40], genuine=[0, 6, 90], impostor=[13900, 378, 2]),
    strangers=Share(value=0.008, low=0, high=0.025),
    members=Share(value=0.94, low=0.88, high=0.99),
    score=Share(value=5.9, low=5.1, high=7.0),
    recommended=0.013,
)
