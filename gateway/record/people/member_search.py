"""Members, read by id or searched, with their FaceIds and the history of their visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from contract.errors import UnknownMember
from contract.messages.face import MemberCard
from contract.messages.members import BoundFace, Member, MemberPage
from contract.text.plain_text import folded
from contract.text.strict_json import mended
from gateway.clock.clock import iso
from gateway.record.people.consent.decisions import consents_of
from gateway.record.people.schema import face_tasks, identities, member_tags, members
from gateway.record.visits.history import history_of
from gateway.record.visits.schema import visits


@dataclass(frozen=True)
class MemberQuery:
    """A search for members: the first `limit` after the id `after`.

    `text` is the beginning of an id or a part of a name, whatever its case.
    """

    text: str | None = None
    tag: str | None = None
    after: str = ""
    limit: int = 100


def read_member(connection: sa.Connection, member_id: str, now: int) -> Member:
    """Return a member. Raises UnknownMember."""
    found = _read(connection, sa.select(members).where(members.c.member_id == member_id), now)
    if not found:
        raise UnknownMember(f"there is no member {member_id!r}")
    return found[0]


def search_members(connection: sa.Connection, asked: MemberQuery, now: int) -> MemberPage:
    """Return a page of the members whom a query selects."""
    query = sa.select(members).where(members.c.member_id > asked.after)
    if text := folded(asked.text or ""):
        named = members.c.folded_name.contains(text, autoescape=True)
        query = query.where(named | members.c.folded_id.startswith(text, autoescape=True))
    if tag := folded(asked.tag or ""):
        tagged = sa.select(member_tags.c.member_id).where(member_tags.c.tag == tag)
        query = query.where(members.c.member_id.in_(tagged))
    found = _read(connection, query.order_by(members.c.member_id).limit(asked.limit + 1), now)
    page = found[: asked.limit]
    after = page[-1].member_id if len(found) > asked.limit else None
    return MemberPage(members=page, next_after=after)


def cards_of_members(connection: sa.Connection, member_ids: Sequence[str]) -> dict[str, MemberCard]:
    """Return the cards of those members who are known."""
    query = sa.select(members.c.member_id, members.c.name, members.c.tags).where(
        members.c.member_id.in_(member_ids)
    )
    return {row.member_id: MemberCard(**row._asdict()) for row in connection.execute(query)}


def _read(connection: sa.Connection, query: sa.Select[Any], now: int) -> list[Member]:
    rows = connection.execute(query).all()
    faces: dict[int, list[BoundFace]] = {row.person: [] for row in rows}
    owned = (
        sa.select(identities, face_tasks.c.version)
        .join(
            face_tasks,
            (face_tasks.c.store == identities.c.store)
            & (face_tasks.c.face_id == identities.c.face_id),
            isouter=True,
        )
        .where(identities.c.person.in_(faces))
        .order_by(identities.c.store, identities.c.face_id)
    )
    for row in connection.execute(owned):
        pending = row.version is not None
        face = BoundFace(store=row.store, face_id=row.face_id, pending=pending)
        faces[row.person].append(face)
    consents = consents_of(connection, {row.member_id: row.cross_store for row in rows})
    return [
        Member(
            member_id=row.member_id,
            name=row.name,
            tags=row.tags,
            profile=mended(row.profile),
            consent=consents[row.member_id],
            faces=faces[row.person],
            visits=history_of(connection, visits.c.person == row.person, now),
            created_at=iso(row.created_at),
            updated_at=iso(row.updated_at),
        )
        for row in rows
    ]
