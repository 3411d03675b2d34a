"""Demo data: made-up visits, counted like others, and removed again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from gateway.clock.store_clock import hour_of, milliseconds
from gateway.record.people.persons import add_person
from gateway.record.people.schema import identities, members, persons
from gateway.record.store_locks import lock_stores
from gateway.record.visits.ledger import Ledger, visit_of
from gateway.record.visits.schema import visits
from gateway.record.visits.visit import VisitRow

MARK = "demo-"
"""What the ids of all made-up people start with."""
CAMERA = "demo"
TAG = "demo"


@dataclass(frozen=True)
class MadeUpPerson:
    """Somebody made up, at home in `store`; a visitor has no name."""

    face_id: str
    store: str
    name: str | None = None
    tags: tuple[str, ...] = (TAG,)


@dataclass(frozen=True)
class MadeUpVisit:
    """A visit of `person` to `store` from `first` to `last`."""

    person: MadeUpPerson
    store: str
    first: datetime
    last: datetime
    score: float


def is_demo(connection: sa.Connection) -> bool:
    """Say whether the record holds anything made up."""
    some = sa.select(identities.c.face_id).where(identities.c.face_id.startswith(MARK)).limit(1)
    return connection.execute(some).first() is not None


def add_demo(
    connection: sa.Connection, made_up: Iterable[MadeUpVisit], zones: Mapping[str, str]
) -> int:
    """Store made-up visits; return how many there are."""
    lock_stores(connection, *zones)
    known = _people(connection)
    stored = 0
    with Ledger(connection) as ledger:
        for visit in made_up:
            new = visit.person.face_id not in known
            if new:
                known[visit.person.face_id] = _add_person(connection, visit)
            ledger.open(_row(visit, known[visit.person.face_id], zones[visit.store], new))
            stored += 1
    return stored


def _people(connection: sa.Connection) -> dict[str, int]:
    query = sa.select(identities.c.face_id, identities.c.person)
    rows = connection.execute(query.where(identities.c.face_id.startswith(MARK)))
    return {row.face_id: row.person for row in rows}


def remove_demo_visits(connection: sa.Connection, stores: Iterable[str], limit: int) -> int:
    """Take out made-up visits, at most `limit`; return how many that were."""
    lock_stores(connection, *stores)
    rows = connection.execute(
        sa.select(visits)
        .where(visits.c.camera == CAMERA, visits.c.face_id.startswith(MARK))
        .order_by(visits.c.person, visits.c.first_at.desc())
        .limit(limit)
    ).all()
    with Ledger(connection) as ledger:
        for row in rows:
            ledger.remove(visit_of(row))
    return len(rows)


def remove_demo_people(connection: sa.Connection) -> None:
    """Take out the people who were made up, once their visits are gone."""
    made_up = identities.c.face_id.startswith(MARK)
    people = sa.select(identities.c.person).where(made_up)
    numbers = list(connection.scalars(people))
    connection.execute(sa.delete(identities).where(made_up))
    connection.execute(sa.delete(members).where(members.c.member_id.startswith(MARK)))
    left = sa.select(identities.c.person)
    for number in numbers:
        alone = sa.delete(persons).where(persons.c.person == number, persons.c.person.not_in(left))
        connection.execute(alone)


def _add_person(connection: sa.Connection, visit: MadeUpVisit) -> int:
    who, at = visit.person, milliseconds(visit.first)
    member = who.name is not None
    person = add_person(connection, member=member)
    connection.execute(
        sa.insert(identities).values(
            store=who.store,
            face_id=who.face_id,
            person=person,
            kind="member" if member else "visitor",
            provisional=False,
            first_seen=at,
            last_seen=milliseconds(visit.last),
        )
    )
    if member:
        connection.execute(
            sa.insert(members).values(
                member_id=who.face_id,
                person=person,
                name=who.name,
                tags=sorted(who.tags),
                profile={},
                cross_store=True,
                created_at=at,
                updated_at=at,
            )
        )
    return person


def _row(visit: MadeUpVisit, person: int, zone: str, new: bool) -> VisitRow:
    first = milliseconds(visit.first)
    kind = "roaming" if visit.store != visit.person.store else "home"
    return VisitRow(
        visit=0,
        store=visit.store,
        camera=CAMERA,
        last_camera=CAMERA,
        last_camera_at=milliseconds(visit.last),
        person=person,
        home_store=visit.person.store,
        face_id=visit.person.face_id,
        kind="new" if new and visit.person.name is None else kind,  # type: ignore[arg-type]
        score=round(visit.score, 2),
        provisional=False,
        first_at=first,
        last_at=milliseconds(visit.last),
        frames=2,
        hour=hour_of(first, zone),
        before_here=None,
        before_anywhere=None,
        member=visit.person.name is not None,
        counted=True,
    )
