"""Example answers for the API's documentation: real messages, so that they cannot go stale."""

from contract.messages.cluster import Counts, ShardStatus, ShardStatuses
from contract.messages.directory.roaming_changes import RoamingChanges, RoamingFace
from contract.messages.face import Box, Candidate, MemberCard
from contract.messages.faces import (
    EnrollAnswer,
    EnrollWarning,
    ErasedAnswer,
    FacePage,
    FaceRecord,
    PictureLikeness,
    Source,
    SourceList,
    Template,
    TemplateRemoval,
    VectorsAnswer,
)
from contract.messages.lesson import Forgotten, LearnAnswer
from contract.messages.looking_again import (
    AlikeGroup,
    AlikeVisitors,
    DividedFace,
    VisitorVector,
    VisitorVectors,
)
from contract.messages.model_templates import ModelTemplates
from contract.messages.recognition import CompareAnswer
from contract.messages.shard_answers import (
    EncodeAnswer,
    EncodedFace,
    JointSearchAnswer,
    MintAnswer,
    MintedFace,
    SearchAnswer,
    ShardAnswer,
    ShardFace,
    ShardTiming,
)
from contract.messages.shard_updates import (
    EraseConfirmation,
    Expired,
    FaceNames,
    MergeConfirmation,
    ProvisionalFace,
    ProvisionalFaces,
    SightedVectors,
)

VECTORS_ENROLLED = VectorsAnswer(store="store-a", enrolled=254, unchanged=1, erased=["095"])

_MODEL = "dlib-resnet-v1-55533b28a958"
_COHORT = "3f9c0a51d2e8-1"
_WHEN = "2026-05-04T09:30:00.000+00:00"
_BOX = Box(top=61, right=190, bottom=190, left=61)
_MEMBER = MemberCard(member_id="m-17")
_CANDIDATE = Candidate(
    face_id="095",
    store="store-a",
    kind="member",
    score=7.31,
    distance=0.31,
    passes=True,
    member=_MEMBER,
)

RECOGNIZED = ShardAnswer(
    result="095",
    store="store-a",
    model=_MODEL,
    cohort=_COHORT,
    faces=[
        ShardFace(
            box=_BOX,
            match="home",
            face_id="095",
            kind="member",
            score=7.31,
            threshold=4.12,
            distance=0.31,
            member=_MEMBER,
            candidates=[_CANDIDATE],
        )
    ],
    timing_ms=ShardTiming(encode=98.7, search=0.4, total=99.2),
    request_id="5f0c6a1e9d5b4a0c8f0e8f3f6d7b9a21",
)
ENCODED = EncodeAnswer(
    model=_MODEL,
    cohort=_COHORT,
    faces=[
        EncodedFace(box=_BOX, quality=1.8, vector="(base64 of 128 float32)", place=(0.51, 0.06))
    ],
    encode_ms=98.7,
)
COMPARED = CompareAnswer(same=True, score=7.31, threshold=-2.94, distance=0.31)
SEARCHED = SearchAnswer(
    store="store-a", model=_MODEL, results=[[_CANDIDATE], []], thresholds=[4.12, 4.12]
)
SEARCHED_TOGETHER = JointSearchAnswer(
    answers=[SEARCHED], others=["store-b"], failed={"store-c": "NOT_READY"}
)
MINTED = MintAnswer(
    store="store-a",
    faces=[
        MintedFace(face_id="v-3f9c0a51d2e84b67", minted=True, kind="visitor", provisional=False)
    ],
)
LIKENESS = PictureLikeness(digest="5f" * 32, scores=[7.31, -4.2], needed=-0.4)
ENROLLED = EnrollAnswer(
    store="store-a",
    face_id="095",
    kind="member",
    outcome="enrolled",
    box=_BOX,
    quality=1.8,
    warnings=[
        EnrollWarning(
            code="ALREADY_ENROLLED",
            detail="the face is already enrolled as 017",
            face_id="017",
            score=6.02,
        )
    ],
)
FACE = FaceRecord(
    face_id="095",
    store="store-a",
    kind="member",
    member=_MEMBER,
    created_at=_WHEN,
    templates=[
        Template(
            template_id=12,
            seq=31,
            model=_MODEL,
            source="store-a/095_0.bmp",
            quality=1.8,
            created_at=_WHEN,
        )
    ],
)
FACES = FacePage(faces=[FACE], next_after="095")
REMOVED = TemplateRemoval(store="store-a", face_id="095", template_id=3, templates=2, seq=432)
ERASED = ErasedAnswer(store="store-a", face_id="095", templates=1)
SOURCES = SourceList(
    sources=[
        Source(
            source="store-a/096_0.bmp",
            digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            face_id="096",
            outcome="refused",
            reason="no face was found",
        )
    ]
)
NAMES = FaceNames(store="store-a", face_ids=["v-3f2a", "v-9b1c"])
MERGED = MergeConfirmation(store="store-a", templates=2)
EXPIRED = Expired(store="store-a", templates=2)
ERASURE = EraseConfirmation(store="store-a", seq=432, erased={"095": 2})
LEARNED = LearnAnswer(store="store-a", learned=True)
FORGOTTEN = Forgotten(store="store-a", templates=2)
SIGHTINGS = SightedVectors(store="store-a", model=_MODEL, vectors=["AACAPwAAAAA="])
PROVISIONAL = ProvisionalFaces(
    store="store-a",
    model=_MODEL,
    faces=[ProvisionalFace(face_id="v-3f2a", vectors=["AACAPwAAAAA="])],
)
ALIKE = AlikeVisitors(
    store="store-a",
    visitors=812,
    limit=5.57,
    groups=[AlikeGroup(face_ids=["v-3f2a", "v-90c1"], score=7.31)],
    divided=[DividedFace(face_id="v-77b0", score=-1.2)],
)
VISITOR_VECTORS = VisitorVectors(
    store="store-a",
    model=_MODEL,
    cohort=_COHORT,
    needed=5.57,
    faces=[VisitorVector(face_id="v-3f2a", vector="AACAPwAAAAA=", place=(0.51, 0.06))],
)
ROAMING = RoamingChanges(
    store="store-a",
    model=_MODEL,
    cohort=_COHORT,
    seq=430,
    last=430,
    faces=[RoamingFace(number=17, vector="AACAPwAAAAA=", place=(0.51, 0.06))],
    gone=[9],
)
STATUS = ShardStatus(
    store="store-a",
    ready=True,
    read_only=False,
    model=_MODEL,
    counts=Counts(faces=120, members=100, roaming=90, visitors=20, templates=310),
    seq=430,
    version="0.1.0",
)
STATUSES = ShardStatuses(stores=[STATUS])
MODEL_TEMPLATES = ModelTemplates(store="store-a", model=_MODEL, templates=310, visitors_alone=2)
