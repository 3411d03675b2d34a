"""Answers about members as OpenAPI shows them."""

from contract.messages.erasures import (
    ErasedFace,
    ErasurePage,
    ErasureReceipt,
    ErasureSummary,
    FaceErasure,
    ReplicaReached,
    StoreErasure,
)
from contract.messages.faces import VisitHistory
from contract.messages.looking_again import FlaggedVisitor, LookReport, MergedVisitors
from contract.messages.member_table import ImportReport, RefusedLine, write_table
from contract.messages.members import (
    BoundFace,
    FaceRef,
    Member,
    MemberPage,
    MergeState,
    NotAnswer,
    RenameState,
)
from contract.messages.privacy.consent import Consent, ConsentDecision

_WHEN = "2026-05-04T09:30:00.000Z"

MEMBER = Member(
    member_id="m-17",
    name="张三",
    tags=["vip"],
    profile={"birthday": "05-04", "points": 120},
    consent=Consent(cross_store=True, at=_WHEN, text="2026-05", taken_by="Li Na, West Lake"),
    faces=[BoundFace(store="store-a", face_id="095"), BoundFace(store="store-b", face_id="v-3f2a")],
    visits=VisitHistory(
        count=12,
        first_seen="2026-03-01T10:05:00.000Z",
        last_seen="2026-05-03T18:20:00.000Z",
        days_in_30=4,
    ),
    created_at=_WHEN,
    updated_at=_WHEN,
)
WITHDRAWN = MEMBER.model_copy(
    update={
        "consent": Consent(
            cross_store=False,
            at="2026-06-01T08:00:00.000Z",
            taken_by="fg_1a2b3c4d",
            former=[
                ConsentDecision(
                    cross_store=True, at=_WHEN, text="2026-05", taken_by="Li Na, West Lake"
                )
            ],
        )
    }
)
MEMBERS = MemberPage(members=[MEMBER], next_after="m-17")
_CONFIRMED = StoreErasure(
    store="store-a",
    confirmed=True,
    confirmed_at=_WHEN,
    faces=[ErasedFace(face_id="095", templates=3)],
    seq=431,
    replicas=[ReplicaReached(address="10.0.0.6:5000", seq=431, reached=True)],
)
_WAITING = StoreErasure(
    store="store-b",
    confirmed=False,
    faces=[ErasedFace(face_id="v-3f2a", templates=0)],
    waiting_for="the shard of store-b: unavailable",
)
RECEIPT = ErasureReceipt(
    erasure="5f0c6a5ed0a54c5b8d1ab21c5d3c8a3e",
    cause="member",
    member_id="m-17",
    requested_at=_WHEN,
    completed_at=_WHEN,
    complete=True,
    stores=[_CONFIRMED],
)
RECEIPT_WAITS = RECEIPT.model_copy(
    update={"completed_at": None, "complete": False, "stores": [_CONFIRMED, _WAITING]}
)
RECEIPTS = ErasurePage(
    erasures=[
        ErasureSummary(**RECEIPT_WAITS.model_dump(exclude={"stores"}), waiting_for=[_WAITING.store])
    ],
    next_after=RECEIPT.erasure,
)
FACE_ERASURE = FaceErasure(
    store="store-a",
    face_id="095",
    templates=3,
    **RECEIPT.model_copy(update={"cause": "face", "member_id": None}).model_dump(),
)
FACE_ERASURE_WAITS = FACE_ERASURE.model_copy(
    update={"completed_at": None, "complete": False, "templates": 0, "stores": [_WAITING]}
)

MERGE = MergeState(
    merge="17",
    cause="hand",
    into=FaceRef(store="store-a", face_id="095"),
    source=FaceRef(store="store-b", face_id="v-3f2a"),
    at=_WHEN,
)
MERGE_UNDONE = MERGE.model_copy(update={"undone_at": _WHEN})
LOOK = LookReport(
    stores=["store-a", "store-b"],
    visitors=1624,
    merged=[
        MergedVisitors(
            merge="18",
            into=FaceRef(store="store-a", face_id="v-3f2a"),
            source=FaceRef(store="store-a", face_id="v-90c1"),
            score=7.31,
        )
    ],
    kept_apart=1,
    flagged=[FlaggedVisitor(store="store-a", face_id="v-77b0", score=-1.2)],
    failed={"store-b": "timeout"},
)
NOT_THE_SAME = NotAnswer(
    face=FaceRef(store="store-b", face_id="v-3f2a"),
    other=FaceRef(store="store-a", face_id="095"),
    undone="17",
)
RENAMED = RenameState(face=FaceRef(store="store-a", face_id="anna"), former="095")
RENAME_WAITS = RENAMED.model_copy(update={"pending": True})
TABLE = write_table([MEMBER])
IMPORTED = ImportReport(
    created=1,
    updated=41,
    refused=[RefusedLine(line=7, member_id="m-9", reason="profile: no JSON")],
)
