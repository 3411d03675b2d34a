"""FaceIds that the record knows, and the persons that they are."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from contract.messages.members import is_staff
from contract.messages.message import Kind
from contract.pictures.naming import MINTED_PREFIX
from gateway.record.people.face_pair import FacePair, matches
from gateway.record.people.members import find_member_of
from gateway.record.people.persons import add_person, lock_persons, move_faces
from gateway.record.people.schema import identities, members, persons
from gateway.record.upsert import insert_into
from gateway.record.visits.ledger import Ledger


def find_person(connection: sa.Connection, face: FacePair) -> int | None:
    """Return the person of a FaceId, or None when the record does not know it."""
    return find_persons(connection, [face]).get(face)


def find_persons(connection: sa.Connection, faces: Collection[FacePair]) -> dict[FacePair, int]:
    """Return the persons of those of the FaceIds that the record knows."""
    pair = sa.tuple_(identities.c.store, identities.c.face_id)
    query = sa.select(identities.c.store, identities.c.face_id, identities.c.person)
    rows = connection.execute(query.where(pair.in_(faces)))
    return {(store, face_id): person for store, face_id, person in rows}


def ensure_person(connection: sa.Connection, face: FacePair, now: int) -> int:
    """Return the person of a FaceId; one that the record does not know gets a new person."""
    known = find_person(connection, face)
    if known is not None:
        return known
    person = add_person(connection, member=_kind_by_name(face) == "member")
    add_identities(connection, {face: person}, now)
    return find_person(connection, face) or person


def add_identities(connection: sa.Connection, people: Mapping[FacePair, int], now: int) -> None:
    """Insert FaceIds of persons, but for those that the record knows."""
    rows = [
        {
            "store": face[0],
            "face_id": face[1],
            "person": person,
            "kind": _kind_by_name(face),
            "provisional": False,
            "first_seen": now,
            "last_seen": now,
        }
        for face, person in people.items()
    ]
    if rows:
        connection.execute(insert_into(connection, identities).on_conflict_do_nothing(), rows)


def split_face(connection: sa.Connection, ledger: Ledger, face: FacePair, person: int) -> int:
    """Make a FaceId of `person` a person of its own, and return the new person."""
    bound = find_member_of(connection, person) is not None
    kind = connection.execute(
        sa.select(identities.c.kind).where(matches(identities, face))
    ).scalar_one()
    if bound or kind == "member":
        kind = _kind_by_name(face)
    alone = add_person(connection, member=kind == "member")
    lock_persons(connection, person, alone)
    move_faces(connection, ledger, [face], source=person, into=alone)
    connection.execute(sa.update(identities).where(matches(identities, face)).values(kind=kind))
    return alone


def refresh_person(connection: sa.Connection, ledger: Ledger, person: int) -> None:
    """Set `member` and `staff` of a person from profile and FaceIds, and recompute the visits."""
    tags = connection.execute(sa.select(members.c.tags).where(members.c.person == person)).scalar()
    named = sa.exists().where(identities.c.person == person, identities.c.kind == "member")
    is_member = tags is not None or connection.execute(sa.select(named)).scalar_one()
    values = {"member": bool(is_member), "staff": is_staff(tags or [])}
    connection.execute(sa.update(persons).where(persons.c.person == person).values(values))
    ledger.restate(person)


def _kind_by_name(face: FacePair) -> Kind:
    """Return what a FaceId is that no profile and no camera says more of."""
    return "visitor" if face[1].startswith(MINTED_PREFIX) else "member"
