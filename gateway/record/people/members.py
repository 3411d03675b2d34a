"""Members: written, read and searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from contract.errors import UnknownMember
from contract.messages.face import MemberCard
from contract.messages.faces import VisitHistory
from contract.messages.members import BoundFace, Consent, Member, MemberDraft, MemberPage, is_staff
from contract.pictures.naming import MINTED_PREFIX
from contract.text.plain_text import folded
from contract.text.strict_json import mended
from gateway.clock.clock import iso
from gateway.record.feed.event_log import add_event
from gateway.record.people.face_tasks import note_faces
from gateway.record.people.persons import lock_persons, set_staff
from gateway.record.people.precondition import ANYHOW, Precondition
from gateway.record.people.schema import face_tasks, identities, member_tags, members, persons
from gateway.record.scope import CHAIN
from gateway.record.store_locks import lock_stores
from gateway.record.upsert import insert_if_absent, insert_into
from gateway.record.visits.ledger import Ledger
from gateway.record.visits.schema import visits

_HOURS_IN_30_DAYS = timedelta(days=30) // timedelta(hours=1)
_HOUR = 3_600_000


def put_member(
    connection: sa.Connection,
    member_id: str,
    draft: MemberDraft,
    now: int,
    condition: Precondition = ANYHOW,
) -> bool:
    """Store what a member is now, and return whether the member is new.

    Raises MemberExists and MemberChanged when the member is not as `condition` has it.
    """
    lock_stores(connection, CHAIN)
    condition.check(member_id, _version(connection, member_id))
    person, created = _person(connection, member_id, now)
    before = connection.execute(sa.select(members).where(_is(member_id))).one()
    values = {
        "name": draft.name,
        "folded_name": folded(draft.name or ""),
        "tags": draft.tags,
        "profile": draft.profile,
        "cross_store": draft.consent.cross_store,
        "updated_at": now if created else max(now, before.updated_at + 1),
    }
    connection.execute(sa.update(members).where(_is(member_id)).values(values))
    _put_tags(connection, member_id, draft.tags)
    with Ledger(connection) as ledger:
        if is_staff(before.tags) != is_staff(draft.tags):
            set_staff(connection, ledger, person, is_staff(draft.tags))
    if before.cross_store != draft.consent.cross_store:
        note_faces(connection, faces_of(connection, person), now)
    member_changed(connection, now)
    return created


def _version(connection: sa.Connection, member_id: str) -> str | None:
    """Return when the member was last written, which no two writes of one have in common."""
    query = sa.select(members.c.updated_at).where(_is(member_id))
    at = connection.execute(query).scalar()
    return None if at is None else iso(at)


def ensure_member(connection: sa.Connection, member_id: str, now: int) -> None:
    """Make the member known, without a profile, if there is none."""
    _person(connection, member_id, now)


def read_member(connection: sa.Connection, member_id: str, now: int) -> Member:
    """Return a member. Raises UnknownMember."""
    found = _read(connection, sa.select(members).where(_is(member_id)), now)
    if not found:
        raise UnknownMember(f"there is no member {member_id!r}")
    return found[0]


@dataclass(frozen=True)
class MemberQuery:
    """Which members are looked for: the first `limit` after the id `after`.

    `text` is the beginning of an id or a part of a name, whatever its case.
    """

    text: str | None = None
    tag: str | None = None
    after: str = ""
    limit: int = 100


def search_members(connection: sa.Connection, asked: MemberQuery, now: int) -> MemberPage:
    """Return a page of the members who are looked for."""
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


def drop_member(connection: sa.Connection, member_id: str, now: int) -> None:
    """Forget a member's profile. The FaceIds stay, as those of nobody. Raises UnknownMember."""
    lock_stores(connection, CHAIN)
    person = person_of_member(connection, member_id)
    note_faces(connection, faces_of(connection, person), now)
    forget_profile(connection, member_id)
    named = sa.exists().where(
        identities.c.person == person, ~identities.c.face_id.startswith(MINTED_PREFIX)
    )
    still_member = bool(connection.execute(sa.select(named)).scalar_one())
    with Ledger(connection) as ledger:
        lock_persons(connection, person)
        values = {"member": still_member, "staff": False}
        connection.execute(sa.update(persons).where(persons.c.person == person).values(values))
        ledger.restate(person)
    member_changed(connection, now)


def forget_profile(connection: sa.Connection, member_id: str) -> None:
    """Remove a member's own rows."""
    connection.execute(sa.delete(member_tags).where(member_tags.c.member_id == member_id))
    connection.execute(sa.delete(members).where(_is(member_id)))


def cards_by_id(connection: sa.Connection, member_ids: Sequence[str]) -> dict[str, MemberCard]:
    """Return the cards of those members who are known."""
    query = sa.select(members.c.member_id, members.c.name, members.c.tags).where(
        members.c.member_id.in_(member_ids)
    )
    return {row.member_id: MemberCard(**row._asdict()) for row in connection.execute(query)}


def faces_of_member(connection: sa.Connection, member_id: str) -> list[tuple[str, str]]:
    """Return the FaceIds of a member; none where there is no such member."""
    person = connection.execute(sa.select(members.c.person).where(_is(member_id))).scalar()
    return [] if person is None else faces_of(connection, person)


def person_of_member(connection: sa.Connection, member_id: str) -> int:
    """Return the member's person. Raises UnknownMember."""
    query = sa.select(members.c.person).where(_is(member_id))
    person = connection.execute(query).scalar()
    if person is None:
        raise UnknownMember(f"there is no member {member_id!r}")
    return int(person)


def faces_of(connection: sa.Connection, person: int) -> list[tuple[str, str]]:
    """Return the FaceIds of a person, as pairs of store and name."""
    query = sa.select(identities.c.store, identities.c.face_id).where(identities.c.person == person)
    ordered = query.order_by(identities.c.store, identities.c.face_id)
    return [(store, face_id) for store, face_id in connection.execute(ordered)]


def member_changed(connection: sa.Connection, now: int) -> None:
    """Tell feeds that a member's card may have changed. Lock the chain's order before."""
    add_event(connection, CHAIN, "member.changed", now, {})


def history_of(connection: sa.Connection, which: sa.ColumnElement[bool], now: int) -> VisitHistory:
    """Return how often somebody came, by the visits `which` selects."""
    totals = connection.execute(
        sa.select(
            sa.func.count(), sa.func.min(visits.c.first_at), sa.func.max(visits.c.last_at)
        ).where(which)
    ).one()
    if not totals[0]:
        return VisitHistory(count=0)
    recent = visits.c.first_at >= now - _HOURS_IN_30_DAYS * _HOUR
    days = sa.select(sa.func.count(sa.distinct(visits.c.hour // 24))).where(which, recent)
    return VisitHistory(
        count=totals[0],
        first_seen=iso(totals[1]),
        last_seen=iso(totals[2]),
        days_in_30=connection.execute(days).scalar_one(),
    )


def history_of_face(connection: sa.Connection, face: tuple[str, str], now: int) -> VisitHistory:
    """Return how often a FaceId was seen."""
    seen = (visits.c.home_store == face[0]) & (visits.c.face_id == face[1])
    return history_of(connection, seen, now)


def _is(member_id: str) -> sa.ColumnElement[bool]:
    return members.c.member_id == member_id


def _person(connection: sa.Connection, member_id: str, now: int) -> tuple[int, bool]:
    """Return the member's person, and whether both were made now. The member is locked."""
    query = sa.select(members.c.person).where(_is(member_id)).with_for_update()
    person = connection.execute(query).scalar()
    if person is not None:
        return int(person), False
    key = connection.execute(sa.insert(persons).values(member=True, staff=False))
    assert key.inserted_primary_key is not None
    statement = insert_into(connection, members).values(
        member_id=member_id,
        person=key.inserted_primary_key[0],
        name=None,
        folded_name="",
        folded_id=folded(member_id),
        tags=[],
        profile={},
        cross_store=None,
        created_at=now,
        updated_at=now,
    )
    made = insert_if_absent(connection, statement)
    if not made:  # another gateway was faster
        unused = persons.c.person == key.inserted_primary_key[0]
        connection.execute(sa.delete(persons).where(unused))
    return int(connection.execute(query).scalar_one()), made


def _put_tags(connection: sa.Connection, member_id: str, tags: Sequence[str]) -> None:
    connection.execute(sa.delete(member_tags).where(member_tags.c.member_id == member_id))
    if tags:
        rows = [{"member_id": member_id, "tag": tag} for tag in sorted(set(map(folded, tags)))]
        connection.execute(sa.insert(member_tags), rows)


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
    return [
        Member(
            member_id=row.member_id,
            name=row.name,
            tags=row.tags,
            profile=mended(row.profile),
            consent=Consent(cross_store=row.cross_store),
            faces=faces[row.person],
            visits=history_of(connection, visits.c.person == row.person, now),
            created_at=iso(row.created_at),
            updated_at=iso(row.updated_at),
        )
        for row in rows
    ]
