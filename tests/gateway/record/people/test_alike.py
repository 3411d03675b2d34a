"""Visitors that are alike are one person from then on, unless something is against it."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from contract.errors import AlreadyBound, NotTheSame
from contract.messages.message import Match
from gateway.record.database import Database
from gateway.record.people.alike import merge_alike
from gateway.record.people.corrections import distinguish_faces
from gateway.record.people.enrollments import Enrollment, begin_enrollment
from gateway.record.people.merges import merge_faces, read_merge, undo_merge
from gateway.record.people.schema import merges
from gateway.record.visits.footfall_counts import Hours, footfall
from gateway.record.visits.frame import Frame
from gateway.record.visits.frames import record_frame
from tests.gateway.record.faces import face

NOW = 1_790_000_000_000
ONE, TWO, THREE, THERE = ("a", "v-1"), ("a", "v-2"), ("a", "v-3"), ("b", "v-4")


async def come(database: Database, *faces: tuple[str, str], kind: str = "visitor") -> None:
    """Let somebody walk into their own stores, an hour apart."""
    for number, (store, face_id) in enumerate(faces):
        at = NOW + number * 3_600_000
        match: Match = "home"
        frame = Frame(store, "UTC", timedelta(minutes=30), at, at)
        seen = [face(face_id, store, match, kind=kind)]
        await database.write(None, record_frame, frame, seen)


async def merge(database: Database, into: tuple[str, str], source: tuple[str, str]) -> int | None:
    return await database.write(None, merge_alike, into, source, NOW)


async def counted(database: Database) -> tuple[int, int]:
    """Return PV and UV of the chain."""
    days, visitors = await database.read(None, footfall, None, Hours(0, 2**31 - 1), "day")
    return sum(day.pv for day in days.values()), visitors


async def test_the_visits_stay_and_the_visitors_become_one(database: Database) -> None:
    await come(database, ONE, TWO, THREE)

    number = await merge(database, ONE, TWO)

    assert number is not None
    assert await counted(database) == (3, 2)
    state = await database.read(None, read_merge, number)
    assert (state.cause, state.into.face_id, state.source.face_id) == ("alike", "v-1", "v-2")
    assert state.pending  # the shard has templates to move
    await database.write(None, undo_merge, number, NOW)
    assert await counted(database) == (3, 3)


async def test_who_is_one_already_or_unknown_is_left_alone(database: Database) -> None:
    await come(database, ONE, TWO)
    await merge(database, ONE, TWO)

    assert await merge(database, ONE, TWO) is None
    assert await merge(database, ONE, ("a", "v-nobody")) is None
    assert await counted(database) == (2, 1)


async def test_of_two_gateways_at_once_one_merges(database: Database) -> None:
    await come(database, ONE, TWO)

    made = await asyncio.gather(*(merge(database, ONE, TWO) for _ in range(4)))

    assert [number is not None for number in made].count(True) == 1
    rows = await database.read(
        None, lambda connection: connection.scalars(sa.select(merges.c.cause)).all()
    )
    assert rows == ["alike"]


async def test_what_somebody_said_or_undid_counts_for_all_faceids_of_both(
    database: Database,
) -> None:
    await come(database, ONE, TWO, THREE, THERE)
    undone = await database.write(None, merge_faces, ONE, TWO, NOW)
    await database.write(None, undo_merge, undone, NOW)
    await database.write(None, distinguish_faces, TWO, THERE, NOW)
    await database.write(None, merge_faces, THREE, ONE, NOW)

    for into, source in ((ONE, TWO), (THREE, TWO), (TWO, THREE), (THERE, TWO)):
        with pytest.raises(NotTheSame):
            await merge(database, into, source)
    assert await counted(database) == (4, 3)


async def test_two_faceids_of_one_store_are_not_joined_through_another(database: Database) -> None:
    await come(database, ONE, TWO, THERE)

    assert await merge(database, THERE, ONE) is not None
    with pytest.raises(NotTheSame):
        await merge(database, THERE, TWO)
    assert await merge(database, ONE, TWO) is not None  # their own store may


async def test_members_are_left_alone(database: Database) -> None:
    await come(database, ONE, TWO)
    await come(database, ("a", "anna"), kind="member")
    enrollment = Enrollment("e", *TWO, "m-1", NOW + 60_000)
    await database.write(None, begin_enrollment, enrollment)

    for into, source in ((ONE, ("a", "anna")), (("a", "anna"), ONE), (ONE, TWO)):
        with pytest.raises(AlreadyBound):
            await merge(database, into, source)
    assert await counted(database) == (3, 3)
