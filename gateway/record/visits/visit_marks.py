"""What the answer to a camera says of the visit that a face is part of."""

from typing import Any

import sqlalchemy as sa

from contract.messages.face import MemberCard
from contract.messages.recognition import RecognizedFace, VisitMark
from gateway.record.people.schema import members
from gateway.record.prepared import Prepared
from gateway.record.visits.schema import visits

_OF_PERSON = visits.alias()
_MARK = Prepared(
    sa.select(
        *(visits.c[name] for name in ("before_here", "home_store", "face_id", "kind", "member")),
        sa.select(sa.func.count())
        .where(_OF_PERSON.c.person == visits.c.person)
        .scalar_subquery()
        .label("count"),
        members.c.member_id,
        members.c.name,
        members.c.tags,
    )
    .join(members, members.c.person == visits.c.person, isouter=True)
    .where(visits.c.visit == sa.bindparam("number"))
)


def marked(
    connection: sa.Connection, face: RecognizedFace, visit: int, new: bool
) -> RecognizedFace:
    """Return `face` with the mark of its visit, read after the whole frame is stored.

    `new`: the frame has opened the visit. A face that waits for a FaceId is who its visit says,
    when that has been named meanwhile.
    """
    row = _MARK.first(connection, {"number": visit})
    mark = VisitMark(id=str(visit), new=new, count=row.count, returning=row.before_here is not None)
    if face.match == "pending" and row.face_id is not None:
        face = face.model_copy(update=_named(row))
    member = face.member
    if row.member_id is not None:
        member = MemberCard(member_id=row.member_id, name=row.name, tags=row.tags)
    return face.model_copy(update={"visit": mark, "member": member})


def _named(row: Any) -> dict[str, object]:
    """Return what a face says whose visit, a row of marks, has a FaceId."""
    return {
        "match": "roaming" if row.kind == "roaming" else "home",
        "face_id": row.face_id,
        "store": row.home_store,
        "kind": "member" if row.member else "visitor",
    }
