"""The parts that several folders' examples of answers share."""

from contract.messages.face import Box, Candidate, MemberCard

BOX = Box(top=61, right=190, bottom=190, left=61)
MEMBER_CARD = MemberCard(member_id="m-17", name="张三", tags=["vip"])
CANDIDATE = Candidate(
    face_id="095",
    store="store-a",
    kind="member",
    score=7.31,
    distance=0.31,
    passes=True,
    member=MEMBER_CARD,
)
WHEN = "2026-05-04T09:30:00+00:00"
