"""Members: their profiles, written and deleted."""

from collections.abc import Sequence

import sqlalchemy as sa

from contract.errors import UnknownMember
from contract.messages.members import MemberDraft, is_staff
from contract.messages.privacy.consent import Consent
from contract.pictures.naming import MINTED_PREFIX
from contract.text.plain_text import folded
from gateway.clock.clock import iso
from gateway.record.feed.event_log import add_event
from gateway.record.people.binding_updates import enqueue_bindings
from gateway.record.people.consent.decisions import delete_decisions, note_decision
from gateway.record.people.imports.schema import import_undo
from gateway.record.people.persons import add_person, lock_persons, set_staff
from gateway.record.people.precondition import UNCONDITIONAL, Precondition
from gateway.record.people.schema import identities, member_tags, members, persons
from gateway.record.scope import CHAIN
from gateway.record.store_locks import lock_stores
from gateway.record.upsert import insert_if_absent, insert_into
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
    created = write_profile(connection, member_id, draft, now, by=by)
    add_member_event(connection, now)
    return created


def write_profile(
    connection: sa.Connection, member_id: str, draft: MemberDraft, now: int, *, by: str | None
) -> bool:
    """Write a profile as `put_member` does, without an event. `CHAIN` has to be locked before."""
    person, created = _ensure_person(connection, member_id, now)
    before = connection.execute(sa.select(members).where(members.c.member_id == member_id)).one()
    values = {
        "name": draft.name,
        "folded_name": folded(draft.name or ""),
        "tags": draft.tags,
        "profile": draft.profile,
        "cross_store": draft.consent.cross_store,
        "updated_at": now if created else max(now, before.updated_at + 1),
    }
    connection.execute(sa.update(members).where(members.c.member_id == member_id).values(values))
    replace_tags(connection, member_id, draft.tags)
    with Ledger(connection) as ledger:
        if is_staff(before.tags) != is_staff(draft.tags):
            set_staff(connection, ledger, person, is_staff(draft.tags))
    stood = False if created else before.cross_store  # who is new has decided nothing
    if not created or draft.consent.cross_store or draft.consent.is_described:
        note_decision(connection, member_id, draft.consent, stood=stood, now=now, by=by)
    if before.cross_store != draft.consent.cross_store:
        enqueue_bindings(connection, faces_of(connection, person), now)
    return created


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
    noted = note_decision(connection, member_id, consent, stood=before.cross_store, now=now, by=by)
    if noted:
        values = {"cross_store": consent.cross_store, "updated_at": max(now, before.updated_at + 1)}
        connection.execute(sa.update(members).where(this).values(values))
        enqueue_bindings(connection, faces_of(connection, person), now)
        add_member_event(connection, now)
    return noted


def _version_of(connection: sa.Connection, member_id: str) -> str | None:
    """Return when the member was last written: a version, for no two writes share it."""
    query = sa.select(members.c.updated_at).where(members.c.member_id == member_id)
    at = connection.execute(query).scalar()
    return None if at is None else iso(at)


def ensure_member(connection: sa.Connection, member_id: str, now: int) -> None:
    """Insert a member without a profile, unless there is one."""
    _ensure_person(connection, member_id, now)


def delete_profile(connection: sa.Connection, member_id: str, now: int) -> None:
    """Delete a member's profile and unbind the FaceIds, which stay. Raises UnknownMember."""
    lock_stores(connection, CHAIN)
    person = person_of_member(connection, member_id)
    enqueue_bindings(connection, faces_of(connection, person), now)
    delete_member_rows(connection, member_id)
    named = sa.exists().where(
        identities.c.person == person, ~identities.c.face_id.startswith(MINTED_PREFIX)
    )
    still_member = bool(connection.execute(sa.select(named)).scalar_one())
    with Ledger(connection) as ledger:
        lock_persons(connection, person)
        values = {"member": still_member, "staff": False}
        connection.execute(sa.update(persons).where(persons.c.person == person).values(values))
        ledger.restate(person)
    add_member_event(connection, now)


def delete_member_rows(connection: sa.Connection, member_id: str) -> None:
    """Delete a member's own rows."""
    delete_decisions(connection, member_id)
    connection.execute(sa.delete(import_undo).where(import_undo.c.member_id == member_id))
    connection.execute(sa.delete(member_tags).where(member_tags.c.member_id == member_id))
    connection.execute(sa.delete(members).where(members.c.member_id == member_id))


def faces_of_member(connection: sa.Connection, member_id: str) -> list[tuple[str, str]]:
    """Return the FaceIds of a member; none when there is no such member."""
    person = connection.execute(
        sa.select(members.c.person).where(members.c.member_id == member_id)
    ).scalar()
    return [] if person is None else faces_of(connection, person)


def person_of_member(connection: sa.Connection, member_id: str) -> int:
    """Return the member's person. Raises UnknownMember."""
    query = sa.select(members.c.person).where(members.c.member_id == member_id)
    person = connection.execute(query).scalar()
    if person is None:
        raise UnknownMember(f"there is no member {member_id!r}")
    return int(person)


def faces_of(connection: sa.Connection, person: int) -> list[tuple[str, str]]:
    """Return the FaceIds of a person, as pairs of store and name."""
    query = sa.select(identities.c.store, identities.c.face_id).where(identities.c.person == person)
    ordered = query.order_by(identities.c.store, identities.c.face_id)
    return [(store, face_id) for store, face_id in connection.execute(ordered)]


def add_member_event(connection: sa.Connection, now: int) -> None:
    """Add an event that a member's card may have changed. `CHAIN` has to be locked before."""
    add_event(connection, CHAIN, "member.changed", now, {})


def _ensure_person(connection: sa.Connection, member_id: str, now: int) -> tuple[int, bool]:
    """Return the member's person, and whether both were inserted. The member is locked."""
    query = sa.select(members.c.person).where(members.c.member_id == member_id).with_for_update()
    person = connection.execute(query).scalar()
    if person is not None:
        return int(person), False
    added = add_person(connection, member=True)
    statement = insert_into(connection, members).values(
        member_id=member_id,
        person=added,
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
        connection.execute(sa.delete(persons).where(persons.c.person == added))
    return int(connection.execute(query).scalar_one()), made


def replace_tags(connection: sa.Connection, member_id: str, tags: Sequence[str]) -> None:
    """Write the tags of a member for searches."""
    connection.execute(sa.delete(member_tags).where(member_tags.c.member_id == member_id))
    if tags:
        rows = [{"member_id": member_id, "tag": tag} for tag in sorted(set(map(folded, tags)))]
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
