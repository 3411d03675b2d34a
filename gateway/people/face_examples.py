"""Answers about FaceIds and their pictures as OpenAPI shows them."""

from contract.messages.faces import (
    EnrollAnswer,
    FacePage,
    FaceRecord,
    PictureLikeness,
    Source,
    SourceList,
    Template,
    TemplateRemoval,
    VectorsAnswer,
)
from gateway.http.examples import BOX, MEMBER_CARD, WHEN

LIKENESS = PictureLikeness(digest="5f" * 32, scores=[7.31, -4.2], needed=-0.4)
ENROLLED = EnrollAnswer(
    store="store-a", face_id="095", kind="member", outcome="enrolled", box=BOX, quality=1.4
)
UNCHANGED = EnrollAnswer(store="store-a", face_id="095", kind="member", outcome="unchanged")
VECTORS_ENROLLED = VectorsAnswer(store="store-a", enrolled=254, unchanged=1, erased=["095"])
FACE = FaceRecord(
    face_id="095",
    store="store-a",
    kind="member",
    member=MEMBER_CARD,
    created_at=WHEN,
    templates=[
        Template(
            template_id=1,
            seq=1,
            model="dlib-resnet-v1-0123456789ab",
            source="store-a/095_0.bmp",
            quality=1.4,
            created_at=WHEN,
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
