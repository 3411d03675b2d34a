"""Erasing people: at once in the record, and noted for every shard until it has confirmed."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from contract.errors import NotFound
from contract.messages.erasures import ErasedFace, ErasureReceipt, ReplicaReached, StoreErasure
from contract.messages.shard_updates import EraseOrder
from gateway.clock.clock import iso
from gateway.record.feed.event_log import add_event
from gateway.record.people.bindings import RECENT, known_person, refresh_person, split_off
from gateway.record.people.members import (
    faces_of,
    forget_profile,
    member_changed,
    person_of_member,
)
from gateway.record.people.persons import FacePair, erase_person, lock_persons
from gateway.record.people.redaction import redact_answers
from gateway.record.people.schema import (
    distinctions,
    erasure_parts,
    erasures,
    face_tasks,
    identities,
    members,
    merges,
    renames,
)
from gateway.record.scope import CHAIN
from gateway.record.store_locks import lock_stores
from gateway.record.upsert import insert_if_absent, insert_into
from gateway.record.visits.ledger import Ledger
from gateway.record.visits.schema import tracks, visits

_VISITORS_AT_ONCE = 200
"""Visitors that one transaction erases: frames wait no longer than for that."""
ALL_OF_MEMBER = ""
"""Stands for the FaceIds of a member that the shard knows and the record perhaps does not."""


class Due(NamedTuple):
    """What a store's shards have to erase for one erasure."""

    erasure: str
    order: EraseOrder


def erase_member(
    connection: sa.Connection, member_id: str, stores: Collection[str], now: int
) -> str:
    """Erase a member and all their FaceIds, and return the erasure. Raises UnknownMember.

    Every one of `stores` has to confirm: its shard may know FaceIds that the record does not.
    """
    person = person_of_member(connection, member_id)
    faces = faces_of(connection, person)
    lock_stores(connection, CHAIN, *stores, *(store for store, _ in faces))
    faces = faces_of(connection, person)
    parts = [*faces, *((store, ALL_OF_MEMBER) for store in sorted(stores))]
    erasure = _note(connection, "member", member_id, parts, now)
    forget_profile(connection, member_id)
    _forget_person(connection, person, faces, now)
    member_changed(connection, now)
    return erasure


def erase_faces(
    connection: sa.Connection,
    cause: str,
    faces: Sequence[FacePair],
    stores: Collection[str],
    now: int,
) -> str:
    """Erase FaceIds, whoever they are, and return the erasure."""
    lock_stores(connection, CHAIN, *stores, *(store for store, _ in faces))
    erasure = _note(connection, cause, None, faces, now)
    for face in faces:
        person = known_person(connection, face)
        if person is not None:
            _forget_face(connection, person, face, now)
    if cause == "face":
        member_changed(connection, now)
    return erasure


def erase_visitors(
    connection: sa.Connection,
    store: str,
    before: int,
    stores: Collection[str],
    *,
    now: int,
    most: int,
) -> int:
    """Erase some visitors of a store who were not seen anywhere since a moment; return how many.

    They are `most` at most, and nobody who is a member of any store is among them.
    """
    lock_stores(connection, CHAIN, *stores)
    others = identities.alias()
    kept = sa.exists().where(
        others.c.person == identities.c.person,
        (others.c.last_seen >= before) | (others.c.kind == "member"),
    )
    bound = sa.exists().where(members.c.person == identities.c.person)
    query = sa.select(identities.c.person).where(
        identities.c.store == store, identities.c.last_seen < before, ~kept, ~bound
    )
    expired = connection.scalars(query.distinct().limit(min(most, _VISITORS_AT_ONCE))).all()
    faces = {person: faces_of(connection, person) for person in expired}
    if faces:
        parts = [face for owned in faces.values() for face in owned]
        _note(connection, "retention", None, parts, now)
    for person, owned in faces.items():
        _forget_person(connection, person, owned, now)
    return len(faces)


def visitors_of(connection: sa.Connection, store: str) -> int:
    """Return how many visitors of a store the record knows."""
    query = sa.select(sa.func.count()).where(
        identities.c.store == store, identities.c.kind == "visitor"
    )
    return connection.execute(query).scalar_one()


def never_seen(connection: sa.Connection, store: str, face_ids: Sequence[str]) -> list[str]:
    """Return those FaceIds of a store that the record does not know."""
    query = sa.select(identities.c.face_id).where(
        identities.c.store == store, identities.c.face_id.in_(face_ids)
    )
    known = set(connection.scalars(query))
    return [face_id for face_id in face_ids if face_id not in known]


def _forget_face(connection: sa.Connection, person: int, face: FacePair, now: int) -> None:
    """Forget one FaceId of a person; with the last one the person is forgotten."""
    bound = sa.exists().where(members.c.person == person)
    if faces_of(connection, person) == [face] and not connection.scalar(sa.select(bound)):
        _forget_person(connection, person, [face], now)
        return
    _forget_in_merges(connection, person, face)
    with Ledger(connection) as ledger:
        alone = split_off(connection, ledger, face, person)
        refresh_person(connection, ledger, person)
    _forget_person(connection, alone, [face], now)


def _forget_person(
    connection: sa.Connection, person: int, faces: Sequence[FacePair], now: int
) -> None:
    """Forget who a person is. Their visits stay, as nobody's: every count is what it was."""
    lock_persons(connection, person)
    recent = sa.select(visits.c.visit, visits.c.store).where(
        visits.c.person == person, visits.c.last_at > now - RECENT
    )
    seen_today = connection.execute(recent.order_by(visits.c.visit)).all()
    redact_answers(connection, faces)
    for table, store, face_id in (
        (tracks, tracks.c.home_store, tracks.c.face_id),
        (face_tasks, face_tasks.c.store, face_tasks.c.face_id),
        (distinctions, distinctions.c.store, distinctions.c.face_id),
        (distinctions, distinctions.c.other_store, distinctions.c.other_face_id),
    ):
        gone = sa.tuple_(store, face_id).in_(faces)
        connection.execute(sa.delete(table).where(gone))
    _forget_merges(connection, person)
    erase_person(connection, person)
    for row in seen_today:
        add_event(connection, row.store, "visit.revised", now, {"visit": row.visit})


def _forget_merges(connection: sa.Connection, person: int) -> None:
    """Forget what has made the person one: nothing of it can be undone."""
    connection.execute(sa.delete(merges).where(merged_into(connection, person)))


def _forget_in_merges(connection: sa.Connection, person: int, face: FacePair) -> None:
    """Forget one FaceId where others can still be undone."""
    theirs = merged_into(connection, person)
    for row in connection.execute(sa.select(merges).where(theirs)).all():
        this = merges.c.merge == row.merge
        kept = [pair for pair in row.faces if tuple(pair) != face]
        if face in {(row.into_store, row.into_face_id), (row.from_store, row.from_face_id)}:
            connection.execute(sa.delete(merges).where(this))
        elif len(kept) < len(row.faces):
            connection.execute(sa.update(merges).where(this).values(faces=kept))


def merged_into(connection: sa.Connection, person: int) -> sa.ColumnElement[bool]:
    """Select the merges that have made a person who it is, over however many steps."""
    whole = {person}
    while True:
        query = sa.select(merges.c.from_person).where(merges.c.into_person.in_(whole))
        found = whole | set(connection.scalars(query))
        if found == whole:
            return merges.c.into_person.in_(whole) | merges.c.from_person.in_(whole)
        whole = found


def _note(
    connection: sa.Connection,
    cause: str,
    member_id: str | None,
    parts: Sequence[FacePair],
    now: int,
) -> str:
    erasure = uuid.uuid4().hex
    values = {"erasure": erasure, "cause": cause, "member_id": member_id, "requested_at": now}
    done = None if parts else now
    connection.execute(sa.insert(erasures).values(completed_at=done, **values))
    rows = [
        {"erasure": erasure, "store": store, "face_id": face_id}
        for store, face_id in [*parts, *_being_renamed(connection, parts)]
    ]
    if rows:
        connection.execute(sa.insert(erasure_parts), rows)
    return erasure


def _being_renamed(connection: sa.Connection, parts: Sequence[FacePair]) -> list[FacePair]:
    """Return the names that FaceIds are just getting: the shard may know them by these."""
    query = sa.select(renames.c.store, renames.c.face_id, renames.c.new_face_id).where(
        renames.c.done_at.is_(None), renames.c.refusal.is_(None)
    )
    pairs = set(parts)
    return [
        (store, name)
        for store, face_id, name in connection.execute(query)
        if (store, face_id) in pairs and (store, name) not in pairs
    ]


def is_known(connection: sa.Connection, face: FacePair) -> bool:
    """Say whether the record knows the FaceId."""
    return known_person(connection, face) is not None


def stores_to_erase(connection: sa.Connection) -> list[str]:
    """Return the stores that have not confirmed everything."""
    query = sa.select(erasure_parts.c.store).distinct()
    return list(connection.scalars(query.where(erasure_parts.c.confirmed_at.is_(None))))


def due_erasures(connection: sa.Connection, store: str, limit: int) -> list[Due]:
    """Return what the store's shards have to erase, by erasure."""
    query = (
        sa.select(erasure_parts.c.erasure, erasure_parts.c.face_id, erasures.c.member_id)
        .join(erasures)
        .where(erasure_parts.c.store == store, erasure_parts.c.confirmed_at.is_(None))
        .order_by(erasures.c.requested_at, erasure_parts.c.erasure)
    )
    orders: dict[str, EraseOrder] = {}
    for erasure, face_id, member_id in connection.execute(query.limit(limit)):
        before = orders.get(erasure, EraseOrder())
        if face_id == ALL_OF_MEMBER:
            orders[erasure] = before.model_copy(update={"member_id": member_id})
        else:
            orders[erasure] = before.model_copy(update={"face_ids": [*before.face_ids, face_id]})
    return [Due(erasure, order) for erasure, order in orders.items()]


def keep_confirmation(
    connection: sa.Connection, due: Due, confirmed: StoreErasure, now: int
) -> None:
    """Store what a shard said; the erasure is complete when nothing is left to be confirmed.

    FaceIds of the member that only the shard knew become parts of the receipt.
    """
    own = (erasure_parts.c.erasure == due.erasure) & (erasure_parts.c.store == confirmed.store)
    names = [*due.order.face_ids, *([ALL_OF_MEMBER] if due.order.member_id else [])]
    said = confirmed.model_dump(
        mode="json", exclude={"store", "confirmed", "confirmed_at", "faces"}
    )
    templates = {face.face_id: face.templates for face in confirmed.faces}
    for name in names:
        part = own & (erasure_parts.c.face_id == name)
        row = connection.execute(sa.select(erasure_parts.c.confirmation).where(part)).first()
        before = (row.confirmation or {}).get("templates", 0) if row else 0
        told = {**said, "templates": max(before, templates.pop(name, 0))}
        done = now if confirmed.confirmed else None
        values = {"confirmation": told, "confirmed_at": done}
        still = part & erasure_parts.c.confirmed_at.is_(None)  # two may have asked at once
        connection.execute(sa.update(erasure_parts).where(still).values(values))
    for name, count in templates.items():
        statement = insert_into(connection, erasure_parts).values(
            erasure=due.erasure,
            store=confirmed.store,
            face_id=name,
            confirmed_at=now if confirmed.confirmed else None,
            confirmation={**said, "templates": count},
        )
        insert_if_absent(connection, statement)
    _complete(connection, due.erasure, now)


def _complete(connection: sa.Connection, erasure: str, now: int) -> None:
    open_part = sa.exists().where(
        erasure_parts.c.erasure == erasure, erasure_parts.c.confirmed_at.is_(None)
    )
    this = (erasures.c.erasure == erasure) & erasures.c.completed_at.is_(None) & ~open_part
    connection.execute(sa.update(erasures).where(this).values(completed_at=now))
    row = connection.execute(sa.select(erasures).where(erasures.c.erasure == erasure)).one()
    if row.cause == "retention" and row.completed_at is not None:  # nobody asks for its receipt
        connection.execute(sa.delete(erasure_parts).where(erasure_parts.c.erasure == erasure))
        connection.execute(sa.delete(erasures).where(erasures.c.erasure == erasure))


def read_receipt(connection: sa.Connection, erasure: str) -> ErasureReceipt:
    """Return the receipt of an erasure. Raises NotFound."""
    row = connection.execute(sa.select(erasures).where(erasures.c.erasure == erasure)).first()
    if row is None:
        raise NotFound(f"there is no erasure {erasure[:64]!r}")
    parts: defaultdict[str, list[sa.Row[Any]]] = defaultdict(list)
    query = sa.select(erasure_parts).where(erasure_parts.c.erasure == erasure)
    for part in connection.execute(query.order_by(erasure_parts.c.store, erasure_parts.c.face_id)):
        parts[part.store].append(part)
    return ErasureReceipt(
        erasure=erasure,
        cause=row.cause,
        member_id=row.member_id,
        requested_at=iso(row.requested_at),
        completed_at=None if row.completed_at is None else iso(row.completed_at),
        complete=row.completed_at is not None,
        stores=[_of_store(store, rows) for store, rows in parts.items()],
    )


def _of_store(store: str, rows: Sequence[sa.Row[Any]]) -> StoreErasure:
    confirmed = all(row.confirmed_at is not None for row in rows)
    said: dict[str, Any] = next((row.confirmation for row in rows if row.confirmation), {})
    return StoreErasure(
        store=store,
        confirmed=confirmed,
        confirmed_at=iso(max(row.confirmed_at for row in rows)) if confirmed else None,
        faces=[
            ErasedFace(face_id=row.face_id, templates=(row.confirmation or {}).get("templates", 0))
            for row in rows
            if row.face_id != ALL_OF_MEMBER
        ],
        seq=said.get("seq"),
        replicas=[ReplicaReached(**replica) for replica in said.get("replicas", [])],
        waiting_for=None if confirmed else said.get("waiting_for") or "not asked yet",
    )


def sequences_to_reach(connection: sa.Connection, since: int) -> dict[str, int]:
    """Return by store the newest change that an erasure since a moment has made."""
    query = sa.select(erasure_parts.c.store, erasure_parts.c.confirmation).where(
        erasure_parts.c.confirmed_at.is_(None) | (erasure_parts.c.confirmed_at >= since)
    )
    reached: dict[str, int] = {}
    for store, confirmation in connection.execute(query):
        if confirmation and confirmation.get("seq"):
            reached[store] = max(reached.get(store, 0), confirmation["seq"])
    return reached
