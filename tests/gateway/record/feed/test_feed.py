"""What the record tells feeds: events in order, cards as of now, what is kept and what is not."""

import pytest
import sqlalchemy as sa

from contract.messages.live import GoneEvent, VisitEvent
from gateway.record.database import Database
from gateway.record.feed.feed import (
    FeedEvent,
    events_after,
    is_retained,
    latest_position,
    present,
    prune,
)
from gateway.record.feed.position import Position
from gateway.record.feed.schema import events
from gateway.record.visits.schema import visits
from tests.gateway.happenings import arrival, event, person, visit

MINUTE = 60_000
HOUR = 60 * MINUTE


async def told(database: Database, **positions: int) -> list[FeedEvent]:
    return await database.read(None, events_after, positions, 100)


async def test_events_of_the_stores_asked_for_come_in_their_order(database: Database) -> None:
    for store in ("a", "b", "a", "c"):
        await database.write(None, arrival, store, 0)

    found = await told(database, a=0, c=0)
    rest = await told(database, a=found[0].seq, c=found[-1].seq)

    assert [(one.store, one.name) for one in found] == [(s, "visit") for s in ("a", "a", "c")]
    assert found == sorted(found, key=lambda one: one.seq)
    assert [one.seq for one in rest] == [found[1].seq]


async def test_a_card_says_how_often_somebody_comes_and_where(database: Database) -> None:
    def regular(connection: sa.Connection) -> None:
        who = person(connection, "张三", ["vip"])
        for at, store in enumerate(["b", "a", "b", "b"]):
            visit(connection, who, store, at * HOUR)
        number = visit(connection, who, "a", 9 * HOUR, kind="roaming", home_store="b")
        event(connection, "a", "visit.opened", 9 * HOUR, visit=number)

    await database.write(None, regular)

    [one] = await told(database, a=0)

    assert isinstance(one.message, VisitEvent)
    card = one.message.card
    assert (card.visits, card.visits_here, card.usual_store) == (5, 2, "b")
    assert card.last_visit is not None
    assert (card.last_visit.store, card.last_visit.at) == ("b", "1970-01-01T03:00:00.000Z")
    assert card.member is not None
    assert (card.member.name, card.member.tags) == ("张三", ["vip"])
    assert (card.match, card.home, card.first_at) == ("roaming", "b", "1970-01-01T09:00:00.000Z")


@pytest.mark.parametrize("stores", ["ab", "ba", "bbaa", "aabb", "cab"])
async def test_of_several_usual_stores_it_is_the_one_of_the_last_visit(
    database: Database, stores: str
) -> None:
    def regular(connection: sa.Connection) -> None:
        who = person(connection)
        numbers = [  # a late frame is written last
            visit(connection, who, store, at * HOUR)
            for at, store in reversed(list(enumerate(stores)))
        ]
        event(connection, "a", "visit.opened", visit=numbers[0])

    await database.write(None, regular)

    [one] = await told(database, a=0)
    assert isinstance(one.message, VisitEvent)
    assert one.message.card.usual_store == stores[-1]


async def test_a_visit_that_is_not_there_or_nobodys_is_told_as_gone(database: Database) -> None:
    await database.write(None, arrival, "a", 0, "Anna")
    await database.write(None, arrival, "a", 1, "Bob")

    def forget(connection: sa.Connection) -> None:
        first, second = connection.scalars(sa.select(visits.c.visit).order_by(visits.c.visit))
        connection.execute(sa.delete(visits).where(visits.c.visit == first))
        nobody = {"person": None, "face_id": None, "home_store": None}
        connection.execute(sa.update(visits).where(visits.c.visit == second).values(nobody))

    await database.write(None, forget)

    gone, erased = await told(database, a=0)

    assert isinstance(gone.message, GoneEvent)
    assert isinstance(erased.message, GoneEvent)


async def test_present_are_those_seen_within_the_gap(database: Database) -> None:
    def day(connection: sa.Connection) -> None:
        for at in (0, 40 * MINUTE, 50 * MINUTE):
            arrival(connection, "a", at)
        arrival(connection, "a", 31 * 24 * 60 * MINUTE)  # while the clock was a month ahead
        arrival(connection, "b", 55 * MINUTE)

    await database.write(None, day)

    here = await database.read(None, present, "a", 30 * 60.0, 60 * MINUTE)

    assert [card.first_at[11:16] for card in here.visits] == ["00:50", "00:40"]
    assert Position.parse(here.position) == await database.read(None, latest_position, "a")


@pytest.mark.parametrize("position", [Position(0, 0), Position(3, 0), Position(2, 3)])
async def test_before_anything_is_pruned_every_position_is_good(
    database: Database, position: Position
) -> None:
    for at in range(3):
        await database.write(None, arrival, "a", at)

    assert await database.read(None, is_retained, position)


async def test_a_position_before_what_is_kept_or_of_another_record_is_not(
    database: Database,
) -> None:
    assert not await database.read(None, is_retained, Position(7, 0))
    for at in range(6):
        await database.write(None, event, "a", "member.changed", at)

    assert [await database.write(None, prune, 3, 2) for _ in range(3)] == [2, 1, 0]

    kept = [await database.read(None, is_retained, Position(seq, 0)) for seq in range(9)]
    assert kept == [False, False, False, True, True, True, True, False, False]


async def test_the_newest_event_is_never_pruned(database: Database) -> None:
    for at in range(3):
        await database.write(None, event, "a", "member.changed", at)

    await database.write(None, prune, 1000, 100)

    seqs = await database.read(None, lambda c: list(c.scalars(sa.select(events.c.seq))))
    assert seqs == [3]
