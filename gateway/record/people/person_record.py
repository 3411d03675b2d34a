"""Everything that the record has about one person."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from contract.errors import UnknownFace
from contract.messages.members import FaceRef, Member, MergeState
from contract.messages.privacy.person_export import ExportedFace, ExportedVisit
from gateway.clock.clock import iso
from gateway.record.people.face_pair import FacePair
from gateway.record.people.identities import find_person
from gateway.record.people.member_search import read_member
from gateway.record.people.members import person_of_member
from gateway.record.people.merge_history import merges_of
from gateway.record.people.merges import read_merge
from gateway.record.people.schema import distinctions, identities, members, merges
from gateway.record.visits.schema import visits


class PersonRecord(NamedTuple):
    """What the record has about one person."""

    member: Member | None
    faces: Sequence[ExportedFace]
    visits: Sequence[ExportedVisit]
    merges: Sequence[MergeState]


def record_of_member(connection: sa.Connection, member_id: str, now: int) -> PersonRecord:
    """Return everything about a member. Raises UnknownMember."""
    return _record_of(connection, person_of_member(connection, member_id), now)


def record_of_face(connection: sa.Connection, face: FacePair, now: int) -> PersonRecord:
    """Return everything about the person of a FaceId. Raises UnknownFace."""
    person = find_person(connection, face)
    if person is None:
        raise UnknownFace(f"nobody knows {face[1]!r} of {face[0]!r}")
    return _record_of(connection, person, now)


def _record_of(connection: sa.Connection, person: int, now: int) -> PersonRecord:
    query = sa.select(members.c.member_id).where(members.c.person == person)
    member_id = connection.execute(query).scalar()
    return PersonRecord(
        None if member_id is None else read_member(connection, member_id, now),
        _faces(connection, person),
        _visits(connection, person),
        _merges(connection, person),
    )


def _faces(connection: sa.Connection, person: int) -> list[ExportedFace]:
    query = sa.select(identities).where(identities.c.person == person)
    return [
        ExportedFace(
            store=row.store,
            face_id=row.face_id,
            kind=row.kind,
            first_seen=iso(row.first_seen),
            last_seen=iso(row.last_seen),
            not_the_same=_others(connection, (row.store, row.face_id)),
        )
        for row in connection.execute(query.order_by(identities.c.store, identities.c.face_id))
    ]


def _others(connection: sa.Connection, face: FacePair) -> list[FaceRef]:
    """Return the FaceIds that are distinct from `face`, whichever of the two was said first."""
    this = (distinctions.c.store, distinctions.c.face_id)
    other = (distinctions.c.other_store, distinctions.c.other_face_id)
    query = sa.union(
        *(
            sa.select(*columns).where(*(c == value for c, value in zip(its, face, strict=True)))
            for its, columns in ((this, other), (other, this))
        )
    )
    pairs = sorted((store, face_id) for store, face_id in connection.execute(query))
    return [FaceRef(store=store, face_id=face_id) for store, face_id in pairs]


def _visits(connection: sa.Connection, person: int) -> list[ExportedVisit]:
    query = sa.select(visits).where(visits.c.person == person)
    return [
        ExportedVisit(
            visit=str(row.visit),
            store=row.store,
            camera=row.camera,
            match=row.kind,
            home_store=row.home_store,
            face_id=row.face_id,
            score=row.score,
            first_at=iso(row.first_at),
            last_at=iso(row.last_at),
            frames=row.frames,
        )
        for row in connection.execute(query.order_by(visits.c.first_at, visits.c.visit))
    ]


def _merges(connection: sa.Connection, person: int) -> list[MergeState]:
    query = sa.select(merges.c.merge).where(merges_of(connection, person))
    named = query.where(merges.c.from_face_id.is_not(None)).order_by(merges.c.merge)
    return [read_merge(connection, number) for number in connection.scalars(named).all()]
