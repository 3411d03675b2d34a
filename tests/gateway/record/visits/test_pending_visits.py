"""Visits that wait for a FaceId: one gateway names them, once, and nobody who was erased."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from contract.messages.face import TrackState
from contract.messages.recognition import RecognizedFace
from gateway.record.database import Database
from gateway.record.feed.feed import FeedEvent, events_after
from gateway.record.people.erasure.erasures import erase_faces
from gateway.record.people.schema import persons
from gateway.record.visits.frame import Frame
from gateway.record.visits.frames import record_frame
from gateway.record.visits.naming import give_up_pending_visit, name_pending_visit
from gateway.record.visits.pending_visits import (
    DueVisit,
    PendingVector,
    stores_with_due_visits,
    take_due_visits,
)
from gateway.record.visits.schema import visits
from tests.gateway.record.faces import face

MINUTE = 60_000
NOW = 1_800_000_000_000
OF_TRACK = TrackState(id="t", frames=1)
NOBODY = face(None, None, "pending", kind=None, score=None, track=OF_TRACK)
BACKGROUND = Frame("a", "UTC", timedelta(minutes=30), NOW, NOW)


def frame(minute: int = 0, frames: int = 1, vector: bytes = b"\0\0\0\0") -> Frame:
    shown = PendingVector(vector, "model", frames, False)
    gap = timedelta(minutes=30)
    return Frame("a", "UTC", gap, NOW + minute * MINUTE, NOW, "door", "t", shown)


async def waits(database: Database, at: Frame, who: RecognizedFace = NOBODY) -> int:
    """Record a frame, and return the number of its visit."""
    [seen] = await database.write(None, record_frame, at, [who])
    assert seen.visit is not None
    return int(seen.visit.id)


async def due(database: Database, now: int = NOW) -> list[DueVisit]:
    again: dict[str, Any] = {"now": now, "again_at": now + 10_000, "limit": 9}
    return await database.write(None, take_due_visits, "a", **again)


async def counted(database: Database) -> tuple[int, int, int]:
    """Return how many visits there are, how many have a person, and how many persons there are."""

    def count(connection: sa.Connection) -> tuple[int, int, int]:
        numbers = sa.func.count(), sa.func.count(visits.c.person)
        all_visits, with_person = connection.execute(sa.select(*numbers)).one()
        people = connection.execute(sa.select(sa.func.count()).select_from(persons)).scalar_one()
        return all_visits, with_person, people

    return await database.read(None, count)


async def told(database: Database) -> list[FeedEvent]:
    return await database.read(None, events_after, {"a": 0}, 99)


async def test_what_is_due_is_given_out_once_and_again_later(database: Database) -> None:
    visit = await waits(database, frame())
    assert await database.read(None, stores_with_due_visits, NOW - 1) == []
    assert await database.read(None, stores_with_due_visits, NOW) == ["a"]

    first, second, later = [await due(database, NOW + wait) for wait in (0, 9_000, 10_000)]

    shown = PendingVector(b"\0\0\0\0", "model", 1, False)
    assert (first, second) == ([DueVisit(visit, shown)], [])
    # Who has waited for so long may be known by now in another store.
    assert later == [DueVisit(visit, shown._replace(provisional=True))]


async def test_a_clock_that_was_set_back_holds_nobody_up(database: Database) -> None:
    await waits(database, frame())

    assert len(await due(database, NOW - 24 * 60 * MINUTE)) == 1


async def test_a_frame_that_comes_late_takes_nothing_away(database: Database) -> None:
    await waits(database, frame(frames=2, vector=b"\0\0\0\2"))
    await waits(database, frame(frames=1, vector=b"\0\0\0\1"))

    [waiting] = await due(database)

    assert (waiting.pending.frames, waiting.pending.vector) == (2, b"\0\0\0\2")


async def test_two_gateways_name_a_visit_once(database: Database) -> None:
    visit = await waits(database, frame())
    for minted in ("v-1", "v-2"):
        named = face(minted, match="new")
        await database.write(None, name_pending_visit, BACKGROUND, visit, named)

    cards = [event.message for event in await told(database) if event.name == "visit"]
    assert {card.card.face_id for card in cards if hasattr(card, "card")} == {"v-1"}
    assert await counted(database) == (1, 1, 1)
    assert await due(database, NOW + MINUTE) == []


async def test_a_frame_under_way_is_answered_with_who_was_named_meanwhile(
    database: Database,
) -> None:
    visit = await waits(database, frame())
    await database.write(None, name_pending_visit, BACKGROUND, visit, face("v-1", match="new"))

    [seen] = await database.write(None, record_frame, frame(1, 2), [NOBODY])

    assert (seen.match, seen.face_id, seen.store, seen.kind) == ("home", "v-1", "a", "visitor")
    assert await due(database, NOW + MINUTE) == []


async def test_who_was_erased_while_being_named_is_nobody(database: Database) -> None:
    visit = await waits(database, frame())
    await database.write(None, erase_faces, "face", [("a", "v-1")], ["a"], NOW + 1)

    await database.write(None, name_pending_visit, BACKGROUND, visit, face("v-1", match="home"))

    assert await counted(database) == (1, 0, 0)
    assert {event.name for event in await told(database)} == {"gone"}
    assert await due(database, NOW + MINUTE) == []


async def test_a_visit_that_cannot_be_named_stays_one_person(database: Database) -> None:
    visit = await waits(database, frame())

    await database.write(None, give_up_pending_visit, BACKGROUND, visit)

    assert await counted(database) == (1, 1, 1)
    assert {event.name for event in await told(database)} == {"gone"}
    assert await due(database, NOW + MINUTE) == []


@pytest.mark.parametrize("match", ["home", "roaming", "new"])
async def test_a_frame_that_tells_who_it_is_names_the_visit(database: Database, match: Any) -> None:
    visit = await waits(database, frame())

    same = await waits(database, frame(1), face("anna", "a", match, track=OF_TRACK))

    assert same == visit
    assert await counted(database) == (1, 1, 1)
    assert [event.name for event in await told(database)] == ["visit", "visit", "visit"]
