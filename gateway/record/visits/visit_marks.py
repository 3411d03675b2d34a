"""What the answer to a camera says of the visit that a face is part of."""

import sqlalchemy as sa

from contract.messages.face import MemberCard
from contract.messages.recognition import RecognizedFace, VisitMark
from gateway.record.people.schema import members
from gateway.record.prepared import Prepared
from gateway.record.visits.schema import visits

_OF_PERSON = visits.alias()
_MARK = Prepared(
    sa.select(
        visits.c.before_here,
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

    `new`: the frame has opened the visit.
    """
    row = _MARK.first(connection, {"number": visit})
    mark = VisitMark(id=str(visit), new=new, count=row.count, returning=row.before_here is not None)
    member = face.member
    if row.member_id is not None:
        member = MemberCard(member_id=row.member_id, name=row.name, tags=row.tags)
    return face.model_copy(update={"visit": mark, "member": member})
