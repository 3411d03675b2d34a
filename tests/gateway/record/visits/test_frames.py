"""Frames that find more than one visit of the same person."""

from datetime import timedelta

import sqlalchemy as sa

from contract.messages.face import TrackState
from contract.messages.recognition import RecognizedFace
from gateway.record.database import Database
from gateway.record.feed.schema import events
from gateway.record.people.merge_updates import mark_merge_applied, pending_merges
from gateway.record.people.merges import undo_merge
from gateway.record.people.schema import merges
from gateway.record.visits.frame import Frame
from gateway.record.visits.frames import record_frame
from tests.gateway.record.faces import face

MINUTE = 60_000
OF_TRACK = TrackState(id="t", frames=2)


def frame(minute: int, track: str | None = None) -> Frame:
    return Frame("a", "UTC", timedelta(minutes=30), minute * MINUTE, 0, "door", track)


async def record(database: Database, at: Frame, *faces: RecognizedFace) -> list[RecognizedFace]:
    return await database.write(None, record_frame, at, faces)


async def told(database: Database) -> list[tuple[str, dict[str, int]]]:
    def read(connection: sa.Connection) -> list[tuple[str, dict[str, int]]]:
        query = sa.select(events.c.kind, events.c.payload).order_by(events.c.seq)
        return [(row.kind, row.payload) for row in connection.execute(query)]

    return await database.read(None, read)


async def test_a_visit_that_becomes_part_of_another_within_one_frame_is_that_one(
    database: Database,
) -> None:
    [known] = await record(database, frame(0), face("anna"))
    await record(database, frame(5, "t"), face("v-1", match="new", track=OF_TRACK))

    both = await record(
        database, frame(6, "t"), face("anna", track=OF_TRACK), face("v-1", match="home")
    )

    assert {seen.visit.id for seen in both if seen.visit} == {known.visit and known.visit.id}


async def test_what_a_till_has_to_know_is_told_in_order(database: Database) -> None:
    await record(database, frame(0), face("anna"))
    await record(database, frame(0), face("anna"))
    await record(database, frame(1), face("anna"))
    await record(database, frame(2, "t"), face("v-1", match="new", track=OF_TRACK))
    await record(database, frame(3, "t"), face("anna", track=OF_TRACK))

    assert await told(database) == [
        ("visit.opened", {"visit": 1}),
        ("visit.extended", {"visit": 1}),
        ("visit.opened", {"visit": 2}),
        ("visit.revised", {"visit": 2}),
        ("visit.revised", {"visit": 1, "replaces": 2}),
        ("visit.extended", {"visit": 1}),
    ]


async def test_a_face_id_minted_too_early_is_noted_as_merged(database: Database) -> None:
    await record(database, frame(2, "t"), face("v-1", match="new", track=OF_TRACK))
    await record(database, frame(3, "t"), face("anna", track=OF_TRACK))

    def read(connection: sa.Connection) -> list[tuple[str, list[list[str]]]]:
        rows = connection.execute(sa.select(merges.c.cause, merges.c.faces))
        return [(row.cause, row.faces) for row in rows]

    assert await database.read(None, read) == [("track", [["a", "v-1"]])]


async def test_whoever_a_track_was_taken_for_is_told_when_that_is_undone(
    database: Database,
) -> None:
    """What they have learned from it may be of the other."""
    await record(database, frame(2, "t"), face("v-1", match="new", track=OF_TRACK))
    await record(database, frame(3, "t"), face("anna", track=OF_TRACK))
    [merge] = await database.read(None, pending_merges, "a", 10)
    await database.write(None, mark_merge_applied, merge, MINUTE)

    await database.write(None, undo_merge, merge.number, MINUTE)

    [undoing] = await database.read(None, pending_merges, "a", 10)
    assert (undoing.todo, undoing.source, undoing.into, undoing.person) == (
        "undo",
        "v-1",
        None,
        "anna",
    )
