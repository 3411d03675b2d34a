"""The trace of one member: their visits, if they agreed that stores share what they know."""

import sqlalchemy as sa

from contract.errors import NoConsent, UnknownMember
from contract.messages.traffic import TraceAnswer, TracedVisit
from gateway.clock.clock import iso
from gateway.record.people.schema import members
from gateway.record.visits.schema import visits


def trace_of(
    connection: sa.Connection, member_id: str, before: int | None, limit: int
) -> TraceAnswer:
    """Return a page of the member's visits, the last first. Raises UnknownMember and NoConsent."""
    query = sa.select(members.c.person, members.c.cross_store)
    member = connection.execute(query.where(members.c.member_id == member_id)).first()
    if member is None:
        raise UnknownMember(f"there is no member {member_id!r}")
    if not member.cross_store:
        raise NoConsent(f"{member_id!r} has not agreed that stores share what they know")
    theirs = sa.select(visits).where(visits.c.person == member.person)
    if before is not None:
        theirs = theirs.where(visits.c.first_at < before)
    rows = connection.execute(
        theirs.order_by(visits.c.first_at.desc(), visits.c.visit.desc()).limit(limit + 1)
    ).all()
    page = [
        TracedVisit(
            visit=str(row.visit),
            store=row.store,
            match=row.kind,
            first_at=iso(row.first_at),
            last_at=iso(row.last_at),
        )
        for row in rows[:limit]
    ]
    more = rows[limit - 1].first_at if len(rows) > limit else None
    return TraceAnswer(member_id=member_id, visits=page, next_before=more)
