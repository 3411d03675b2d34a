"""Members: their profiles, written and deleted."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from contract.errors import UnknownMember
from contract.messages.members import MemberDraft, is_staff
from contract.messages.privacy.consent import Consent
from contract.pictures.naming import MINTED_PREFIX
from contract.text.plain_text import folded
from gateway.clock.clock import iso
from gateway.record.feed.event_log import add_event
from gateway.record.people.binding_updates import enqueue_bindings
from gateway.record.people.consent.decisions import (
    Decision,
    delete_decisions,
    note_decisions,
)
from gateway.record.people.imports.schema import import_undo
from gateway.record.people.persons import add_persons, lock_persons, set_staff
from gateway.record.people.precondition import UNCONDITIONAL, Precondition
from gateway.record.people.schema import identities, member_tags, members, persons
from gateway.record.scope import CHAIN
from gateway.record.store_locks import lock_stores
from gateway.record.upsert import insert_into
from gateway.record.visits.ledger import Ledger


def put_member(
    connection: sa.Connection,
    member_id: str,
    draft: MemberDraft,
    now: int,
    condition: Precondition = UNCONDITIONAL,
    *,
    by: str | None = None,
) -> bool:
    """Write a member's profile, and return whether the member is new.

    `by` took the consent where the draft does not say who did. Raises MemberExists and
    MemberChanged when the member is not as `condition` has it, BadTime and ConsentOutdated.
    """
    lock_stores(connection, CHAIN)
    condition.check(member_id, _version_of(connection, member_id))
    [written] = write_profiles(connection, {member_id: draft}, now, by=by).values()
    add_member_event(connection, now)
    return written.before is None


class WrittenProfile(NamedTuple):
    """What became of a member whose profile was written."""

    person: int
    before: Any
    """The member's row as it was; None for one who is new."""
    version: int
    """`updated_at` of the row as it is now."""


def write_profiles(
    connection: sa.Connection, drafts: Mapping[str, MemberDraft], now: int, *, by: str | None
) -> dict[str, WrittenProfile]:
    """Write profiles as `put_member` does, without an event. `CHAIN` has to be locked before."""
    before = _locked(connection, drafts)
    new = {name: _profile(draft, now) for name, draft in drafts.items() if name not in before}
    added = _add_members(connection, new, now)
    before |= _locked(connection, new.keys() - added.keys())  # another gateway was faster
    changed = {
        name: _profile(drafts[name], max(now, row.updated_at + 1)) for name, row in before.items()
    }
    update_members(connection, changed)
    delete_tags(connection, *changed)
    add_tags(connection, {name: draft.tags for name, draft in drafts.items()})
    written = {
        name: WrittenProfile(before[name].person, before[name], changed[name]["updated_at"])
        if name in before
        else WrittenProfile(added[name], None, now)
        for name in drafts
    }
    _follow_tags(connection, drafts, written)
    _note_consents(connection, drafts, written, now=now, by=by)
    asked_anew = [
        row.person
        for name, row in before.items()
        if row.cross_store != drafts[name].consent.cross_store
    ]
    enqueue_bindings(connection, faces_of(connection, *asked_anew), now)
    return written


def _profile(draft: MemberDraft, at: int) -> dict[str, Any]:
    """Return the columns of a member that a draft writes."""
    return {
        "name": draft.name,
        "folded_name": folded(draft.name or ""),
        "tags": draft.tags,
        "profile": draft.profile,
        "cross_store": draft.consent.cross_store,
        "updated_at": at,
    }


def _follow_tags(
    connection: sa.Connection,
    drafts: Mapping[str, MemberDraft],
    written: Mapping[str, WrittenProfile],
) -> None:
    """Make staff of those who have become it, and the other way round."""
    with Ledger(connection) as ledger:
        for name, (person, before, _) in written.items():
            staff = is_staff(drafts[name].tags)
            if staff != (before is not None and is_staff(before.tags)):
                set_staff(connection, ledger, person, staff)


def _note_consents(
    connection: sa.Connection,
    drafts: Mapping[str, MemberDraft],
    written: Mapping[str, WrittenProfile],
    *,
    now: int,
    by: str | None,
) -> None:
    """Note what members decide; who is new has decided nothing before."""
    decided = dict[str, Decision]()
    for name, (_, before, _) in written.items():
        consent = drafts[name].consent
        if before is not None:
            decided[name] = Decision(consent, before.cross_store)
        elif consent.cross_store or consent.is_described:
            decided[name] = Decision(consent, False)
    note_decisions(connection, decided, now=now, by=by)


def put_consent(
    connection: sa.Connection, member_id: str, consent: Consent, now: int, by: str | None
) -> bool:
    """Write what a member agrees to and nothing else; return whether that changed anything.

    Raises UnknownMember, BadTime and ConsentOutdated.
    """
    lock_stores(connection, CHAIN)
    person = person_of_member(connection, member_id)
    this = members.c.member_id == member_id
    before = connection.execute(sa.select(members).where(this).with_for_update()).one()
    decided = {member_id: Decision(consent, before.cross_store)}
    noted = note_decisions(connection, decided, now=now, by=by)
    if noted:
        values = {"cross_store": consent.cross_store, "updated_at": max(now, before.updated_at + 1)}
        connection.execute(sa.update(members).where(this).values(values))
        enqueue_bindings(connection, faces_of(connection, person), now)
        add_member_event(connection, now)
    return bool(noted)


def _version_of(connection: sa.Connection, member_id: str) -> str | None:
    """Return when the member was last written: a version, for no two writes share it."""
    query = sa.select(members.c.updated_at).where(members.c.member_id == member_id)
    at = connection.execute(query).scalar()
    return None if at is None else iso(at)


def ensure_member(connection: sa.Connection, member_id: str, now: int) -> None:
    """Insert a member without a profile, unless there is one."""
    if not _locked(connection, [member_id]):
        blank = {"folded_name": "", "tags": [], "profile": {}, "updated_at": now}
        _add_members(connection, {member_id: blank}, now)


def delete_profiles(connection: sa.Connection, *member_ids: str, now: int) -> None:
    """Delete members' profiles and unbind the FaceIds, which stay. Raises UnknownMember."""
    lock_stores(connection, CHAIN)
    people = list(persons_of_members(connection, member_ids).values())
    enqueue_bindings(connection, faces_of(connection, *people), now)
    delete_member_rows(connection, *member_ids)
    named = sa.exists().where(
        identities.c.person == persons.c.person, ~identities.c.face_id.startswith(MINTED_PREFIX)
    )
    with Ledger(connection) as ledger:
        lock_persons(connection, *people)
        unnamed = sa.update(persons).where(persons.c.person.in_(people))
        connection.execute(unnamed.values(member=named, staff=False))
        ledger.restate(*people)
    add_member_event(connection, now)


def delete_member_rows(connection: sa.Connection, *member_ids: str) -> None:
    """Delete members' own rows."""
    delete_decisions(connection, *member_ids)
    for table in (import_undo, member_tags, members):
        connection.execute(sa.delete(table).where(table.c.member_id.in_(member_ids)))


def faces_of_members(
    connection: sa.Connection, member_ids: Collection[str]
) -> dict[str, list[tuple[str, str]]]:
    """Return the FaceIds of each of the members; none when there is no such member."""
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in member_ids}
    query = (
        sa.select(members.c.member_id, identities.c.store, identities.c.face_id)
        .join(identities, identities.c.person == members.c.person)
        .where(members.c.member_id.in_(found))
        .order_by(identities.c.store, identities.c.face_id)
    )
    for member_id, store, face_id in connection.execute(query):
        found[member_id].append((store, face_id))
    return found


def person_of_member(connection: sa.Connection, member_id: str) -> int:
    """Return the member's person. Raises UnknownMember."""
    return persons_of_members(connection, [member_id])[member_id]


def persons_of_members(connection: sa.Connection, member_ids: Iterable[str]) -> dict[str, int]:
    """Return the persons of members. Raises UnknownMember."""
    wanted = list(dict.fromkeys(member_ids))
    query = sa.select(members.c.member_id, members.c.person).where(members.c.member_id.in_(wanted))
    found = {member_id: int(person) for member_id, person in connection.execute(query)}
    for member_id in wanted:
        if member_id not in found:
            raise UnknownMember(f"there is no member {member_id!r}")
    return found


def faces_of(connection: sa.Connection, *people: int) -> list[tuple[str, str]]:
    """Return the FaceIds of persons, as pairs of store and name."""
    if not people:
        return []
    query = sa.select(identities.c.store, identities.c.face_id)
    query = query.where(identities.c.person.in_(people))
    ordered = query.order_by(identities.c.store, identities.c.face_id)
    return [(store, face_id) for store, face_id in connection.execute(ordered)]


def add_member_event(connection: sa.Connection, now: int) -> None:
    """Add an event that a member's card may have changed. `CHAIN` has to be locked before."""
    add_event(connection, CHAIN, "member.changed", now, {})


def _locked(connection: sa.Connection, member_ids: Collection[str]) -> dict[str, sa.Row[Any]]:
    """Return the rows of those of the members whom there are, locked until the commit."""
    if not member_ids:
        return {}
    query = sa.select(members).where(members.c.member_id.in_(member_ids))
    rows = connection.execute(query.order_by(members.c.member_id).with_for_update())
    return {row.member_id: row for row in rows}


def _add_members(
    connection: sa.Connection, profiles: Mapping[str, Mapping[str, Any]], now: int
) -> dict[str, int]:
    """Insert members who are not there, and return the persons of those who were inserted."""
    if not profiles:
        return {}
    numbers = add_persons(connection, len(profiles), member=True)
    rows = [
        {
            "member_id": member_id,
            "person": person,
            "folded_id": folded(member_id),
            "created_at": now,
            **profile,
        }
        for (member_id, profile), person in zip(profiles.items(), numbers, strict=True)
    ]
    statement = insert_into(connection, members).on_conflict_do_nothing()
    returning = statement.returning(members.c.member_id, members.c.person)
    added: dict[str, int] = dict(connection.execute(returning, rows).all())
    if len(added) < len(rows):
        needless = persons.c.person.in_(set(numbers) - set(added.values()))
        connection.execute(sa.delete(persons).where(needless))
    return added


def update_members(connection: sa.Connection, profiles: Mapping[str, Mapping[str, Any]]) -> None:
    """Write columns of members, the same ones of each."""
    if profiles:
        this = members.c.member_id == sa.bindparam("of_member")
        rows = [{"of_member": name, **values} for name, values in profiles.items()]
        connection.execute(sa.update(members).where(this), rows)


def delete_tags(connection: sa.Connection, *member_ids: str) -> None:
    """Delete the tags of members for searches."""
    if member_ids:
        connection.execute(sa.delete(member_tags).where(member_tags.c.member_id.in_(member_ids)))


def add_tags(connection: sa.Connection, tags: Mapping[str, Sequence[str]]) -> None:
    """Write tags of members who have none for searches."""
    rows = [
        {"member_id": member_id, "tag": tag}
        for member_id, theirs in tags.items()
        for tag in sorted(set(map(folded, theirs)))
    ]
    if rows:
        connection.execute(sa.insert(member_tags), rows)


def find_member_of(connection: sa.Connection, person: int) -> str | None:
    """Return the id of the member who the person is, or None."""
    query = sa.select(members.c.member_id).where(members.c.person == person)
    member_id: str | None = connection.execute(query).scalar()
    return member_id


def move_member(connection: sa.Connection, member_id: str, person: int) -> None:
    """Make another person the member."""
    this = members.c.member_id == member_id
    connection.execute(sa.update(members).where(this).values(person=person))
