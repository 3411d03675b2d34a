"""Where a member was: page by page, and only with consent."""

import pytest
import sqlalchemy as sa

from contract.errors import NoConsent, UnknownMember
from gateway.record.database import Database
from gateway.record.people.schema import members
from gateway.record.visits.traces import trace_of
from tests.gateway.happenings import person, visit

MINUTE = 60_000


async def test_the_visits_of_a_member_come_page_by_page_the_last_first(database: Database) -> None:
    def happen(connection: sa.Connection) -> str:
        anna, other = person(connection, "Anna"), person(connection, "Bob")
        for number, store in enumerate(["a", "b", "a"]):
            visit(connection, anna, store, number * MINUTE)
        visit(connection, other, "a", MINUTE)
        return f"m-{anna}"

    member_id = await database.write(None, happen)
    first = await database.read(None, trace_of, member_id, None, 2)
    rest = await database.read(None, trace_of, member_id, first.next_before, 2)

    assert [(seen.store, seen.first_at) for seen in (*first.visits, *rest.visits)] == [
        ("a", "1970-01-01T00:02:00.000Z"),
        ("b", "1970-01-01T00:01:00.000Z"),
        ("a", "1970-01-01T00:00:00.000Z"),
    ]
    assert rest.next_before is None


async def test_nobody_is_traced_without_consent(database: Database) -> None:
    def happen(connection: sa.Connection) -> str:
        anna = person(connection, "Anna")
        visit(connection, anna, "a", 0)
        connection.execute(sa.update(members).values(cross_store=False))
        return f"m-{anna}"

    member_id = await database.write(None, happen)

    with pytest.raises(NoConsent):
        await database.read(None, trace_of, member_id, None, 10)
    with pytest.raises(UnknownMember):
        await database.read(None, trace_of, "nobody", None, 10)
