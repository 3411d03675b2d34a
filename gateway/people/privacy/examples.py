"""Answers about one person's data as OpenAPI shows them."""

from contract.messages.privacy.person_export import ExportedFace, ExportedVisit, PersonExport
from contract.messages.privacy.privacy_status import PrivacyStatus, StorePrivacy
from gateway.people.face_examples import FACE
from gateway.people.member_examples import MEMBER, MERGE

_FACE = MEMBER.faces[0]
EXPORT = PersonExport(
    made_at=MEMBER.updated_at,
    complete=True,
    member=MEMBER,
    faces=[
        ExportedFace(
            store=_FACE.store,
            face_id=_FACE.face_id,
            kind="member",
            first_seen="2026-03-01T10:05:00.000Z",
            last_seen="2026-05-03T18:20:00.000Z",
            stored=FACE,
        )
    ],
    visits=[
        ExportedVisit(
            visit="4711",
            store="store-b",
            camera="door",
            match="roaming",
            home_store=_FACE.store,
            face_id=_FACE.face_id,
            score=9.25,
            first_at="2026-05-03T18:20:00.000Z",
            last_at="2026-05-03T18:20:04.000Z",
            frames=3,
        )
    ],
    merges=[MERGE],
)
PRIVACY = PrivacyStatus(
    persons=1730,
    alarm=100_000,
    reached=False,
    open_erasures=0,
    stores=[
        StorePrivacy(
            store="store-a",
            name="West Lake 西湖",
            members=100,
            visitors=1630,
            visitor_retention="P30D",
            cross_store="members",
            keep_pictures=False,
        )
    ],
)
