"""A prepared statement is what SQLAlchemy would run, on SQLite and on PostgreSQL."""

from typing import Any

import pytest
import sqlalchemy as sa

from gateway.record.database import Database
from gateway.record.feed.schema import events
from gateway.record.people.schema import identities, persons
from gateway.record.prepared import Prepared
from gateway.record.visits.schema import visits

ADD_EVENT = Prepared(sa.insert(events))
OF_STORE = sa.select(events).where(events.c.store == sa.bindparam("of")).order_by(events.c.seq)
EVENT: dict[str, Any] = {"store": "门店", "kind": "test", "at": 1, "payload": {"a": [1, None, "é"]}}
VISIT: dict[str, Any] = {
    "store": "a",
    "kind": "home",
    "score": 5.25,
    "provisional": True,
    "first_at": 1,
    "last_at": 2,
    "frames": 1,
    "hour": 0,
    "member": False,
    "counted": True,
}


async def test_rows_are_those_that_sqlalchemy_gives(database: Database) -> None:
    def write(connection: sa.Connection) -> None:
        ADD_EVENT.run(connection, EVENT)
        Prepared(sa.insert(visits)).run(connection, VISIT)

    def read(connection: sa.Connection, statement: sa.Select[Any]) -> tuple[list[Any], list[Any]]:
        ours = Prepared(statement).all(connection, {"of": "门店"})
        theirs = connection.execute(statement, {"of": "门店"}).all()
        return [row._asdict() for row in ours], [dict(row._asdict()) for row in theirs]

    await database.write(None, write)

    for statement in (OF_STORE, sa.select(visits).where(sa.bindparam("of", "") != "")):
        ours, theirs = await database.read(None, read, statement)
        assert len(ours) == 1
        assert ours == theirs
        assert [type(value) for value in ours[0].values()] == [
            type(value) for value in theirs[0].values()
        ]


async def test_an_update_sets_what_it_is_given(database: Database) -> None:
    change = Prepared(sa.update(visits).where(visits.c.visit == sa.bindparam("number")))

    def write(connection: sa.Connection) -> tuple[Any, ...]:
        Prepared(sa.insert(visits)).run(connection, VISIT)
        number = connection.execute(sa.select(visits.c.visit)).scalar_one()
        change.run(connection, {"number": number, "frames": 7})
        change.run(connection, {"number": number, "score": None, "member": True})
        row = Prepared(sa.select(visits)).first(connection, {})
        return row.frames, row.score, row.member, row.kind

    assert await database.write(None, write) == (7, None, True, "home")


async def test_nothing_is_none(database: Database) -> None:
    assert await database.read(None, lambda c: Prepared(OF_STORE).first(c, {"of": "x"})) is None


async def test_an_error_of_the_driver_is_sqlalchemys(database: Database) -> None:
    face = {"store": "a", "face_id": "x", "kind": "neither", "provisional": False}
    seen = {"person": 1, "first_seen": 1, "last_seen": 1}

    def write(connection: sa.Connection) -> None:
        connection.execute(sa.insert(persons).values(person=1, member=False, staff=False))
        Prepared(sa.insert(identities)).run(connection, face | seen)

    with pytest.raises(sa.exc.IntegrityError):
        await database.write(None, write)
